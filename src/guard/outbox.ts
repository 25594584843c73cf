import type { StepCall, StepOp } from '../saga/step.ts';
import type { Transaction } from './database.ts';
import { sagaOutbox } from './schema.ts';

/** Notifies relays of new events. */
export const outboxChannel = 'saga_outbox';

/** The event that a step of a choreographed saga follows. */
export interface Cause {
  /** Of the event; 0 for the first step. */
  seq: number;
  /** Deliveries of the event so far, from 1. */
  attempt: number;
  /** Data that all events of the saga carry. */
  context: unknown;
}

/** Writes the event into the outbox: one per step and `op`, visible when the transaction commits. */
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
