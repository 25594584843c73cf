import { Semaphore, withTimeout } from 'async-mutex';
import { requestHash } from '../../guard/request-hash.ts';
import { orAlreadyStarted } from '../../history/grpc.ts';
import { claimSaga, ForgottenSaga, markStarted } from '../../services/registry/claim-saga.ts';
import type { SagaTypeName } from '../../workflows/inputs.ts';
import { sagaStart } from '../../workflows/start-options.ts';
import { askDatabase, writeTimeoutMs } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { outcomeUnknown, Problem, reused, tooMany } from '../http/problem.ts';
import { askTemporal } from '../temporal.ts';
import { linksOf, sagaUrl } from './saga-links.ts';
import { startChoreography } from './start-choreography.ts';

interface Request {
  type: SagaTypeName;
  /** As the workflow gets it: validated, and encoded as JSON. */
  input: unknown;
  /** The Idempotency-Key. */
  key?: string | undefined;
  /** The saga's id, if the caller chooses it. */
  id?: string;
  /** Whose saga it is. */
  caller: string;
}

/** Limits the starts at once. Others wait until the timeout: then it throws the 429. */
export const startLimiter = (maxAtOnce = 50, timeoutMs = 60_000) =>
  withTimeout(new Semaphore(maxAtOnce), timeoutMs, tooMany('too many sagas are being started at once'));

/** Idempotent by key or id: the same input returns the same saga, another one throws the 422. */
export const startSaga = (context: ApiContext, request: Request) =>
  context.starts.runExclusive(() => start(context, request));

async function start(context: ApiContext, { type, input, key, id, caller }: Request) {
  const choreography = await startChoreography(context, type, input);
  const mode = choreography ? 'choreographed' : 'orchestrated';
  const request = { type, mode, caller, key: key ?? null, bodyHash: requestHash(input), id } as const;
  const claim = await askDatabase(() => claimSaga(context.registry, request)).catch((error: unknown) => {
    if (!(error instanceof ForgottenSaga)) throw error;
    throw new Problem(422, 'this saga_id was used by a saga that is forgotten: take a new one');
  });
  if (!claim) {
    const used = id === undefined ? 'this Idempotency-Key' : 'this saga_id or Idempotency-Key';
    throw new Problem(422, reused(used));
  }
  if (!claim.started) {
    const begun = choreography
      ? askDatabase(() => choreography(claim.id), writeTimeoutMs)
      : startWorkflow(context, type, claim.id, input);
    await begun.catch((error: unknown) => {
      if (key !== undefined || id !== undefined) throw error;
      const saga = sagaUrl(context, claim.id);
      throw outcomeUnknown(error, { what: 'the saga was started', where: saga, more: { saga } });
    });
    // The saga runs: after an error response the client would start another one.
    await askDatabase(() => markStarted(context.registry, claim.id, caller)).catch((err: unknown) =>
      context.logger.error({ err, saga: claim.id }, 'a saga runs and is not marked as started'),
    );
  }
  const links = linksOf(context, { type, mode, sagaId: claim.id });
  return { saga_id: claim.id, type, state: 'running' as const, links };
}

/** 'Already started' is a success: an earlier request with this key got this far. */
async function startWorkflow(context: ApiContext, type: string, sagaId: string, input: unknown) {
  const { alertAfter, colocated } = context;
  const eager = colocated?.client();
  const temporal = eager ?? context.temporal;
  const options = sagaStart({ alertAfter, placement: colocated?.placement }, { type, sagaId }, input);
  const start = askTemporal(temporal, () =>
    temporal.workflow.start(type, { ...options, requestEagerStart: eager !== undefined }),
  );
  const handle = await orAlreadyStarted(start);
  if (handle?.eagerlyStarted) colocated?.begin({ type, sagaId, input, placement: colocated.placement });
}
