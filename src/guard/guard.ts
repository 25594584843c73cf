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
 * Runs a step at most once, and says so with its event. Answers its result, the stored one when it ran before.
 * Throws `StepError`: 'refused' by the business, 'fenced' when it was undone, before it came or since, 'conflict' when it
 * ran with another input. `cause`: what it follows in a choreographed saga.
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
      // What the step sends comes after the row: where the row was there before, all of it is rolled back.
      const running = step.do(tx, call.input, stampOf(call, 'do'));
      running.catch(() => {});
      if ((await tx.opened).length === 0) throw new Known();
      const result = await running;
      const payload = { ...fieldsOf(call.input), ...fieldsOf(result) };
      if (type !== undefined) await publish(tx, call, { op: 'do', type, payload, cause });
      tx.lastly(storeResult(call, result));
      return result;
    }, opening)
    .catch((error: unknown) => {
      if (!(error instanceof Known)) throw error;
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
 * Reverses a step at most once, or fences it if it never ran. Nothing is left to do when this has answered.
 * A pivot that has committed is left alone. What was settled by hand is fenced, and not reversed.
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

/** Says of a step that was refused that it was, unless it has been said, and fences it. */
export async function refuseStep(
  database: Database,
  { contract }: Step,
  call: StepCall,
  refusal: { payload: object; cause: Cause },
): Promise<void> {
  const type = contract.events.refused;
  if (type === undefined) throw new Error(`nobody would learn that ${contract.name} was refused`);
  await database.transaction(
    async (tx) => {
      // A relay that was not the only one may meanwhile have done it, or said this already.
      if ((await tx.opened).length === 1) await publish(tx, call, { op: 'do', type, ...refusal });
    },
    insertDo(call, null),
  );
  database.notify(outboxChannel);
}

/** The step's row is there already. */
class Known extends Error {}

/** The row of a step that is to run or, without the hash of an input, the tombstone that fences it. */
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

/** The guard row of one side of a step. */
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

/** A statement of its own: in the one that lost the race, the winner's row is not visible. */
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
