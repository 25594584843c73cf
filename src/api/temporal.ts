import {
  Client,
  Connection,
  type ConnectionOptions,
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { SagaFold } from '../saga/fold.ts';
import { workflowId } from '../saga/state.ts';
import type { SagaSnapshot } from '../saga/timeline.ts';
import { unavailable } from './problem.ts';

/** Connects when it is first used, so that the API starts, and says 503, while Temporal is away. */
export function createTemporalClient(options: ConnectionOptions, namespace: string): Client {
  return new Client({ connection: Connection.lazy(options), namespace });
}

/** Calls Temporal with a time limit. Throws the 503 when it does not answer. */
export async function askTemporal<T>(client: Client, call: () => Promise<T>, withinMs = 5_000): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + withinMs, call);
  } catch (error) {
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw error;
    throw hasCode(error, awayCodes) ? unavailable('Temporal') : error;
  }
}

/** Reads the newest run's history; undefined when there is no such workflow. Needs no worker. */
export async function readSaga(
  client: Client,
  type: string,
  sagaId: string,
): Promise<SagaSnapshot | undefined> {
  const handle = client.workflow.getHandle(workflowId(type, sagaId));
  try {
    const [{ events }, { raw }] = await askTemporal(client, () =>
      Promise.all([handle.fetchHistory(), handle.describe()]),
    );
    const fold = new SagaFold();
    for (const event of events ?? []) fold.apply(event);
    return fold.snapshot(raw.pendingActivities ?? []);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || hasCode(error, [notFound])) return undefined;
    throw error;
  }
}

/** gRPC: CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE. */
const awayCodes = [1, 4, 8, 14];
const notFound = 5;

/** The codes of gRPC, also where the client has wrapped the error. */
function hasCode(error: unknown, codes: number[]): boolean {
  if (!(error instanceof Error)) return false;
  return isGrpcServiceError(error) ? codes.includes(error.code) : hasCode(error.cause, codes);
}
