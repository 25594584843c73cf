import { and, eq } from 'drizzle-orm';
import { StepError } from '../saga/errors.ts';
import { type StepCall, type StepOp, type UndoOutcome, undoOutcomeSchema } from '../saga/step.ts';
import type { Database, Transaction } from './database.ts';
import type { Stamp, Step } from './implement.ts';
import { requestHash } from './request-hash.ts';
import { sagaStep } from './schema.ts';

/**
 * Runs a step at most once. Answers its result, the stored one when it ran before.
 * Throws `StepError`: 'refused' by the business, 'fenced' when it was undone before it came, 'conflict' when it ran
 * with another input.
 */
export function doStep(database: Database, step: Step, call: StepCall): Promise<unknown> {
  const inputHash = requestHash(call.input);
  return database.transaction(async (tx) => {
    const inserted = await tx
      .insert(sagaStep)
      .values({ ...rowOf(call, 'do'), writtenBy: 'do', requestHash: inputHash })
      .onConflictDoNothing()
      .returning();
    if (inserted.length === 0) return storedResult(await readRow(tx, call, 'do'), inputHash);

    const result = await step.do(tx, call.input, stampOf(call, 'do'));
    const stored = await tx.update(sagaStep).set({ result }).where(isRow(call, 'do')).returning();
    if (stored.length !== 1) throw new Error('the guard row is gone');
    return result;
  });
}

/**
 * Reverses a step at most once, or fences it if it never ran. Nothing is left to do when this has answered.
 * A pivot that has committed is left alone. What was settled by hand is fenced, and not reversed.
 */
export function undoStep(database: Database, step: Step, call: StepCall): Promise<UndoOutcome> {
  return database.transaction(async (tx): Promise<UndoOutcome> => {
    const tombstone = { ...rowOf(call, 'do'), writtenBy: 'undo' as const };
    await tx.insert(sagaStep).values(tombstone).onConflictDoNothing();
    const done = await readRow(tx, call, 'do');
    const ran = done.writtenBy === 'do';
    if (ran && step.contract.pivot) return { outcome: 'committed', result: done.result };
    if (call.by_hand === 'do') return { outcome: 'resolved' };

    const outcome = call.by_hand ? 'resolved' : ran ? 'undone' : 'nothing-to-undo';
    const inserted = await tx
      .insert(sagaStep)
      .values({ ...rowOf(call, 'undo'), writtenBy: 'undo', result: outcome })
      .onConflictDoNothing()
      .returning();
    if (inserted.length === 0)
      return undoOutcomeSchema.parse({ outcome: (await readRow(tx, call, 'undo')).result });
    if (outcome === 'undone') await step.undo(tx, done.result, stampOf(call, 'undo'));
    return { outcome };
  });
}

const rowOf = (call: StepCall, op: StepOp) => ({
  sagaId: call.saga_id,
  step: call.step,
  generation: call.generation,
  position: call.position,
  op,
});

const stampOf = (call: StepCall, op: StepOp): Stamp => ({
  sagaId: call.saga_id,
  sagaStep: call.step,
  sagaGeneration: call.generation,
  sagaOp: op,
});

/** The guard row of one side of a step. */
export const isRow = (call: Pick<StepCall, 'saga_id' | 'step' | 'generation'>, op: StepOp) =>
  and(
    eq(sagaStep.sagaId, call.saga_id),
    eq(sagaStep.step, call.step),
    eq(sagaStep.generation, call.generation),
    eq(sagaStep.op, op),
  );

type Row = typeof sagaStep.$inferSelect;

/** A statement of its own: in the one that lost the race, the winner's row is not visible. */
async function readRow(tx: Transaction, call: StepCall, op: StepOp): Promise<Row> {
  const [row] = await tx.select().from(sagaStep).where(isRow(call, op));
  if (!row) throw new Error('the guard row is gone');
  return row;
}

function storedResult(row: Row, inputHash: string): unknown {
  if (row.writtenBy === 'undo') throw new StepError('fenced', 'was undone before it came');
  if (row.requestHash !== inputHash) throw new StepError('conflict', 'ran before with another input');
  return row.result;
}
