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
import { tooMany, unavailable } from './http/problem.ts';

/** gRPC: RESOURCE_EXHAUSTED. */
const exhausted = 8;
/** gRPC: CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE. */
const outageCodes = [1, 4, 14];

const retry = defaultGrpcRetryOptions();
/** An overloaded Temporal gets one retry, not retries until the timeout. */
const retryOnceOnOverload = makeGrpcRetryInterceptor({
  ...retry,
  retryableDecider: (attempt, status) =>
    (status.code !== exhausted || attempt === 1) && retry.retryableDecider(attempt, status),
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
    if (hasCode(error, [exhausted])) throw tooMany('too much is asked of Temporal');
    throw hasCode(error, outageCodes) ? unavailable('Temporal') : error;
  }
}

/** A saga from Temporal's histories; undefined without any. Needs no worker. */
export async function readSaga(
  client: Client,
  type: string,
  sagaId: string,
): Promise<SagaSnapshot | undefined> {
  const history = await askTemporal(client, () => readSagaHistory(client, { type, sagaId }));
  return history && foldChapters(history.chapters).snapshot(history.pending);
}
