import { snapshotOf } from '../../choreography/fold.ts';
import { readPurchase } from '../../choreography/read-purchase.ts';
import type { SagaSnapshot } from '../../saga/timeline.ts';
import { findRegisteredSaga, type RegisteredSaga } from '../../services/registry/find-saga.ts';
import { type Access, authorize } from '../accounts/access.ts';
import type { Caller } from '../accounts/identity.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { notFound, Problem } from '../http/problem.ts';
import { readSaga } from '../temporal.ts';
import { linksOf } from './saga-links.ts';

export interface RequestedSaga extends RegisteredSaga {
  sagaId: string;
}

/** The registered saga with this id. Throws the 404. */
export async function registeredSaga({ registry }: ApiContext, sagaId: string): Promise<RequestedSaga> {
  const saga = await askDatabase(() => findRegisteredSaga(registry, sagaId));
  if (saga) return { sagaId, ...saga };
  throw notFound('saga', sagaId);
}

/** The saga, if the caller has this access to it. Customers find only their own. Throws the 404, then the 403. */
export async function authorizedSaga(context: ApiContext, id: string, caller: Caller, access: Access) {
  const saga = await registeredSaga(context, id.toLowerCase());
  if (caller.role === 'customer' && saga.caller !== caller.id) throw notFound('saga', saga.sagaId);
  authorize(caller, access);
  return saga;
}

export function noHistory({ sagaId, startedAt }: RequestedSaga): Problem {
  if (startedAt)
    return new Problem(404, `the history of saga ${sagaId} is no longer kept: it has ended long ago`);
  return new Problem(
    404,
    `saga ${sagaId} was never started: send its POST again, with the same Idempotency-Key if it had one`,
  );
}

/** Read from Temporal's history or the services' events. Needs no worker. Throws the 404. */
export async function readSnapshot(context: ApiContext, saga: RequestedSaga): Promise<SagaSnapshot> {
  if (saga.mode === 'choreographed') return choreographedSnapshot(context, saga);
  const snapshot = await readSaga(context.temporal, saga.type, saga.sagaId);
  if (snapshot) return snapshot;
  throw noHistory(saga);
}

async function choreographedSnapshot(context: ApiContext, saga: RequestedSaga): Promise<SagaSnapshot> {
  const { events, trouble } = await askDatabase(() => readPurchase(context, saga.sagaId));
  // A running saga may not be marked as started: the process that started it may have crashed.
  if (events.length === 0 && !saga.startedAt) throw noHistory(saga);
  return snapshotOf(events, trouble);
}

/** The response of `GET /sagas/{id}`. */
export async function describeSaga(context: ApiContext, saga: RequestedSaga) {
  return sagaResponse(context, saga, await readSnapshot(context, saga));
}

export const sagaResponse = (context: ApiContext, saga: RequestedSaga, snapshot: SagaSnapshot) => ({
  saga_id: saga.sagaId,
  type: saga.type,
  ...snapshot,
  input: asSent(snapshot.input),
  links: linksOf(context, saga),
});

/** The API adds the account that buys. */
function asSent(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('account_id' in input)) return input;
  const { account_id, ...sent } = input;
  return sent;
}
