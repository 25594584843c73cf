import { randomUUID } from 'node:crypto';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { hasCode } from '../history/grpc.ts';
import type { ApiContext } from './context.ts';
import { later } from './problem.ts';
import { askTemporal } from './temporal.ts';

/** What came of an update: `refusal` is what its validator threw; neither where the workflow has closed. */
export type Updated<A> = { answer: A } | { refusal: { message: string; detail: unknown } } | { closed: true };

/** Sends an update and waits for its answer. Throws the 503 when no worker answers in time. */
export async function updateSaga<A>(
  { temporal }: ApiContext,
  send: (updateId: string) => Promise<A>,
): Promise<Updated<A>> {
  try {
    return { answer: await askTemporal(temporal, () => untilTaken(send)) };
  } catch (error) {
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw noWorker();
    if (error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError)
      return { closed: true };
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const { cause } = error;
    const [detail] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
    return { refusal: { message: cause?.message ?? 'it was refused', detail } };
  }
}

/** gRPC: "workflow task failure" is one of those. */
const failedPrecondition = 9;
const attempts = 5;

/**
 * Temporal drops an update whose workflow task it throws away, as it does where a saga would close over an event that
 * came meanwhile: it is sent again, under the same id.
 */
async function untilTaken<A>(send: (updateId: string) => Promise<A>): Promise<A> {
  const updateId = randomUUID();
  for (let attempt = 1; attempt <= attempts; attempt++)
    try {
      return await send(updateId);
    } catch (error) {
      if (!hasCode(error, [failedPrecondition])) throw error;
    }
  throw notTaken();
}

/** The workflow closed, or continued as new, or failed at its task under the update. */
export const notTaken = () => later(503, 'the saga moved on meanwhile: send it again', 1);

/** The update may still be taken when a worker is back. */
const noWorker = () =>
  later(503, 'no worker answers now: send it again later, with an id to have it count once');
