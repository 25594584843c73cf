import { and, eq } from 'drizzle-orm';
import { StepError } from '../saga/errors.ts';
import { type StepCall, type StepOp, type UndoOutcome, undoOutcomeSchema } from '../saga/step.ts';
import type { Database } from './database.ts';
import type { Stamp, Step } from './implement.ts';
import { type Cause, outboxChannel, publish } from './outbox.ts';
import { requestHash } from './request-hash.ts';
import { sagaStep } from './schema.ts';
import type { Statement, Transaction } from './transaction.ts';

/**
 * Runs a step at most once and publishes its event. Returns its result, or the stored result if the step has run.
 * Throws `StepError`: 'refused' by the business, 'fenced' if the step was undone or tombstoned, 'conflict' if it ran with
 * another input. `cause`: the event that the step follows in a choreographed saga.
 */
export async function doStep(
  database: Database,
  step: Step,
  call: StepCall,
  cause?: Cause,
): Promise<unknown> {
  const inputHash = requestHash(call.input);
  const type = step.contract.events.done;
  const opening = insertDo(call, inputHash);
  const result = await database
    .transaction(async (tx) => {
      // The step's statements follow the insert of the guard row. If the row existed, they are rolled back.
      const running = step.do(tx, call.input, stampOf(call, 'do'));
      running.catch(() => {});
      if ((await tx.opened).length === 0) throw new AlreadyRecorded();
      const result = await running;
      const payload = { ...fieldsOf(call.input), ...fieldsOf(result) };
      if (type !== undefined) await publish(tx, call, { op: 'do', type, payload, cause });
      tx.beforeCommit(storeResult(call, result));
      return result;
    }, opening)
    .catch((error: unknown) => {
      if (!(error instanceof AlreadyRecorded)) throw error;
      return database.transaction(async (tx) => {
        const result = storedResult(await readRow(tx, call, 'do'), inputHash);
        if (step.contract.compensation !== null && (await findRow(tx, call, 'undo')))
          throw new StepError('fenced', 'was undone after it ran');
        return result;
      });
    });
  if (type !== undefined) database.notify(outboxChannel);
  return result;
}

/**
 * Reverses a step at most once, or fences it if it never ran. Leaves a committed pivot alone. A step resolved by hand is
 * fenced, not reversed.
 */
export async function undoStep(
  database: Database,
  step: Step,
  call: StepCall,
  cause?: Cause,
): Promise<UndoOutcome> {
  const type = step.contract.events.undone;
  const outcome = await database.transaction(
    async (tx): Promise<UndoOutcome> => {
      await tx.opened;
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
      if (outcome !== 'undone') return { outcome };
      await step.undo(tx, done.result, stampOf(call, 'undo'));
      if (type !== undefined)
        await publish(tx, call, { op: 'undo', type, payload: fieldsOf(done.result), cause });
      return { outcome };
    },
    insertDo(call, null),
  );
  if (type !== undefined) database.notify(outboxChannel);
  return outcome;
}

/** Fences a refused step and publishes its refusal, once. */
export async function refuseStep(
  database: Database,
  { contract }: Step,
  call: StepCall,
  refusal: { payload: object; cause: Cause },
): Promise<void> {
  const type = contract.events.refused;
  if (type === undefined) throw new Error(`${contract.name} has no event for a refusal`);
  await database.transaction(
    async (tx) => {
      // No row inserted: another relay has run the step or published its refusal.
      if ((await tx.opened).length === 1) await publish(tx, call, { op: 'do', type, ...refusal });
    },
    insertDo(call, null),
  );
  database.notify(outboxChannel);
}

/** The step's guard row exists. */
class AlreadyRecorded extends Error {}

/** The guard row of a step that is about to run; without an input hash, a tombstone. */
const insertDo = (call: StepCall, inputHash: string | null): Statement => ({
  text: `insert into saga_step (saga_id, step, generation, position, op, written_by, request_hash)
    values ($1, $2, $3, $4, 'do', $5, $6) on conflict do nothing returning 1`,
  parameters: [
    ...[call.saga_id, call.step, call.generation, call.position],
    ...[inputHash === null ? 'undo' : 'do', inputHash],
  ],
});

const storeResult = ({ saga_id, step, generation }: StepCall, result: unknown): Statement => ({
  text: `update saga_step set result = $4
    where saga_id = $1 and step = $2 and generation = $3 and op = 'do' returning 1`,
  parameters: [saga_id, step, generation, JSON.stringify(result)],
});

const fieldsOf = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});

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

export const isRow = (call: Pick<StepCall, 'saga_id' | 'step' | 'generation'>, op: StepOp) =>
  and(
    eq(sagaStep.sagaId, call.saga_id),
    eq(sagaStep.step, call.step),
    eq(sagaStep.generation, call.generation),
    eq(sagaStep.op, op),
  );

type Row = typeof sagaStep.$inferSelect;

async function findRow(tx: Transaction, call: StepCall, op: StepOp): Promise<Row | undefined> {
  const [row] = await tx.select().from(sagaStep).where(isRow(call, op));
  return row;
}

/** A separate statement: the insert that lost the race does not see the winner's row. */
async function readRow(tx: Transaction, call: StepCall, op: StepOp): Promise<Row> {
  const row = await findRow(tx, call, op);
  if (!row) throw new Error('the guard row is gone');
  return row;
}

function storedResult(row: Row, inputHash: string): unknown {
  if (row.writtenBy === 'undo') throw new StepError('fenced', 'was undone before it came');
  if (row.requestHash !== inputHash) throw new StepError('conflict', 'ran before with another input');
  return row.result;
}
