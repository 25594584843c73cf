import {
  Client,
  Connection,
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { foldChapters } from '../history/chapters.ts';
import { grpcCode, hasGrpcCode, isTemporalDown } from '../history/grpc.ts';
import { readSagaHistory } from '../history/saga-history.ts';
import type { SagaSnapshot } from '../saga/timeline.ts';
import { tooMany, unavailable } from './http/problem.ts';

const retry = defaultGrpcRetryOptions();
/** An overloaded Temporal gets one retry, not retries until the timeout. */
const retryOnceOnOverload = makeGrpcRetryInterceptor({
  ...retry,
  retryableDecider: (attempt, status) =>
    (status.code !== grpcCode.resourceExhausted || attempt === 1) && retry.retryableDecider(attempt, status),
});

/** Connects on first use, so that the API starts during an outage of Temporal. */
export function createTemporalClient(options: ConnectionOptions, namespace: string): Client {
  return new Client({
    connection: Connection.lazy({ interceptors: [retryOnceOnOverload], ...options }),
    namespace,
  });
}

/** Calls Temporal with a timeout. Throws the 503 on an outage, the 429 on overload. */
export async function askTemporal<T>(client: Client, call: () => Promise<T>, withinMs = 5_000): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + withinMs, call);
  } catch (error) {
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw error;
    if (hasGrpcCode(error, 'resourceExhausted')) throw tooMany('too much is asked of Temporal');
    if (isTemporalDown(error)) throw unavailable('Temporal');
    throw error;
  }
}

/** A saga from Temporal's histories; undefined without any. Needs no worker. */
export async function readSaga(
  client: Client,
  type: string,
  sagaId: string,
): Promise<SagaSnapshot | undefined> {
  const history = await askTemporal(client, () => readSagaHistory(client, { type, sagaId }));
  if (!history) return undefined;
  const fold = foldChapters(history.chapters);
  fold.addPending(history.pending);
  return fold.snapshot();
}
