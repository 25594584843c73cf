import {
  Client,
  Connection,
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { foldChapters } from '../history/chapters.ts';
import { hasCode } from '../history/grpc.ts';
import { readSagaHistory } from '../history/saga-history.ts';
import type { SagaSnapshot } from '../saga/timeline.ts';
import { tooMany, unavailable } from './problem.ts';

/** gRPC: RESOURCE_EXHAUSTED. */
const exhausted = 8;
/** gRPC: CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE. */
const awayCodes = [1, 4, 14];

const retry = defaultGrpcRetryOptions();
/** What is too much for Temporal is asked once more, and not until nobody waits for the answer. */
const retryWithinReason = makeGrpcRetryInterceptor({
  ...retry,
  retryableDecider: (attempt, status) =>
    (status.code !== exhausted || attempt === 1) && retry.retryableDecider(attempt, status),
});

/** Connects when it is first used, so that the API starts, and says 503, while Temporal is away. */
export function createTemporalClient(options: ConnectionOptions, namespace: string): Client {
  return new Client({
    connection: Connection.lazy({ interceptors: [retryWithinReason], ...options }),
    namespace,
  });
}

/** Calls Temporal with a time limit. Throws the 503 when it does not answer, the 429 when too much is asked of it. */
export async function askTemporal<T>(client: Client, call: () => Promise<T>, withinMs = 5_000): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + withinMs, call);
  } catch (error) {
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw error;
    if (hasCode(error, [exhausted])) throw tooMany('too much is asked of Temporal');
    throw hasCode(error, awayCodes) ? unavailable('Temporal') : error;
  }
}

/** What Temporal's histories say of a saga; undefined when there are none. Needs no worker. */
export async function readSaga(
  client: Client,
  type: string,
  sagaId: string,
): Promise<SagaSnapshot | undefined> {
  const history = await askTemporal(client, () => readSagaHistory(client, { type, sagaId }));
  return history && foldChapters(history.chapters).snapshot(history.pending);
}
