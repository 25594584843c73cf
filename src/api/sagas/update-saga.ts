import { randomUUID } from 'node:crypto';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { grpcMessage, hasGrpcCode, isGone } from '../../history/grpc.ts';
import type { ApiContext } from '../context.ts';
import { later } from '../http/problem.ts';
import { askTemporal } from '../temporal.ts';

/** The outcome of an update. `refusal` is what its validator threw; `closed`: the workflow has ended. */
export type Updated<R> = { result: R } | { refusal: { message: string; detail: unknown } } | { closed: true };

/** Sends an update and waits for its result. Throws the 503 if no worker responds in time. */
export async function updateSaga<R>(
  { temporal }: ApiContext,
  send: (updateId: string) => Promise<R>,
): Promise<Updated<R>> {
  try {
    return { result: await askTemporal(temporal, () => sendWithRetries(send)) };
  } catch (error) {
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw notInTime();
    if (error instanceof WorkflowExecutionAlreadyStartedError || isGone(error)) return { closed: true };
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const { cause } = error;
    const [detail] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
    return { refusal: { message: cause?.message ?? 'it was refused', detail } };
  }
}

const attempts = 5;

/**
 * Temporal drops an update when it discards the workflow task, for example if an event arrives while a saga closes. Retries
 * with the same id.
 */
async function sendWithRetries<R>(send: (updateId: string) => Promise<R>): Promise<R> {
  const updateId = randomUUID();
  for (let attempt = 1; attempt <= attempts; attempt++)
    try {
      return await send(updateId);
    } catch (error) {
      const isInFlightLimit = /in-flight updates/.test(grpcMessage(error));
      if (hasGrpcCode(error, 'resourceExhausted') && isInFlightLimit) throw othersInProgress();
      if (/Workflow Task in failed state/.test(grpcMessage(error))) throw taskFails();
      // failedPrecondition: the workflow task failed.
      if (!hasGrpcCode(error, 'failedPrecondition')) throw error;
    }
  throw movedOn();
}

/** The workflow closed, continued as new, or failed its task once during the update. */
export const movedOn = () => later(503, 'the saga moved on meanwhile: send it again', 1);

/** Temporal refuses updates once the workflow task has failed several times. */
const taskFails = () =>
  later(503, "the saga's workflow task keeps failing: the cause is in the log of its worker", 30);

/** A worker may still be busy with the update, or accept it later. */
const notInTime = () => notCompleted('not completed within 5 s');

/** Temporal limits the updates of a workflow that no worker has completed. */
const othersInProgress = () => notCompleted('earlier commands to this saga are still in progress');

const notCompleted = (why: string) =>
  later(
    503,
    `${why}: send it again with the same id or Idempotency-Key, so that it counts once; if it had none, look at the saga first`,
  );
