import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Problem } from './problem.ts';
import type { Services } from './services.ts';
import { askTemporal } from './temporal.ts';

/** What came of an update: `refusal` is what its validator threw; neither where the workflow has closed. */
export type Updated<A> = { answer: A } | { refusal: { message: string; detail: unknown } } | { closed: true };

/** Sends an update and waits for its answer. Throws the 503 when no worker answers in time. */
export async function updateSaga<A>({ temporal }: Services, send: () => Promise<A>): Promise<Updated<A>> {
  try {
    return { answer: await askTemporal(temporal, send) };
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

/** The update may still be taken when a worker is back. */
const noWorker = () =>
  new Problem(503, 'no worker answers now: send it again later, with an id to have it count once', {
    headers: { 'retry-after': '5' },
  });
