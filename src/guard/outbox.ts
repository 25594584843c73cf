import type { StepCall, StepOp } from '../saga/step.ts';
import type { Transaction } from './database.ts';
import { sagaOutbox } from './schema.ts';

/** The channel on which relays hear that there are events. */
export const outboxChannel = 'saga_outbox';

/** What a step of a choreographed saga follows. */
export interface Cause {
  /** Of the event; 0 where the saga begins. */
  seq: number;
  /** At which delivery of the event, from 1 on. */
  attempt: number;
  /** What the saga's events carry along. */
  context: unknown;
}

/** Says what has happened, if the transaction commits: once for each side of a step. */
export async function publish(
  tx: Transaction,
  { saga_id, step, generation }: StepCall,
  { op, type, payload, cause }: { op: StepOp; type: string; payload: object; cause: Cause | undefined },
): Promise<void> {
  await tx.insert(sagaOutbox).values({
    sagaId: saga_id,
    eventType: type,
    payload,
    step,
    generation,
    op,
    ...(cause && { seq: cause.seq + 1, attempt: cause.attempt, context: cause.context }),
  });
}
