import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { Semaphore, withTimeout } from 'async-mutex';
import { requestHash } from '../guard/request-hash.ts';
import { claimSaga, ForgottenSaga, markStarted } from '../services/registry/claim-saga.ts';
import type { SagaTypeName } from '../workflows/contracts.ts';
import { sagaStart } from '../workflows/start-options.ts';
import { choreographyOf } from './choreography-of.ts';
import { Problem, tooMany } from './problem.ts';
import { linksOf, sagaUrl } from './saga-links.ts';
import { askDatabase, type Services, writeTimeoutMs } from './services.ts';
import { askTemporal } from './temporal.ts';

interface Request {
  type: SagaTypeName;
  /** As it travels to the workflow: checked, and encoded again. */
  input: unknown;
  /** The Idempotency-Key. */
  key?: string | undefined;
  /** Where the caller chooses the saga's id. */
  id?: string;
  /** Whose saga it is. */
  caller: string;
}

/** So many sagas are started at once; others wait, at most so many milliseconds. Then it throws the 429. */
export const startTurns = (atOnce = 50, longestWaitMs = 60_000) =>
  withTimeout(new Semaphore(atOnce), longestWaitMs, tooMany('too many sagas are being started at once'));

/** The same key (or id) and input give the same saga and the same answer, however often they come. Throws the 422. */
export const startSaga = (services: Services, request: Request) =>
  services.starts.runExclusive(() => start(services, request));

async function start(services: Services, { type, input, key, id, caller }: Request) {
  const choreography = await choreographyOf(services, type, input);
  const mode = choreography ? 'choreographed' : 'orchestrated';
  const request = { type, mode, caller, key: key ?? null, bodyHash: requestHash(input), id } as const;
  const claim = await askDatabase(() => claimSaga(services.registry, request)).catch((error: unknown) => {
    if (!(error instanceof ForgottenSaga)) throw error;
    throw new Problem(422, 'this saga_id was used by a saga that is forgotten: take a new one');
  });
  if (!claim) {
    const used = id === undefined ? 'this Idempotency-Key' : 'this saga_id or Idempotency-Key';
    throw new Problem(422, `${used} was used for another request: take a new one, or resend the same body`);
  }
  if (!claim.started) {
    const begun = choreography
      ? askDatabase(() => choreography(claim.id), writeTimeoutMs)
      : startWorkflow(services, type, claim.id, input);
    await begun.catch((error: unknown) => {
      throw key === undefined && id === undefined ? maybeStarted(error, sagaUrl(services, claim.id)) : error;
    });
    // The saga runs: whoever is told that it could not be started would start another one.
    await askDatabase(() => markStarted(services.registry, claim.id, caller)).catch((err: unknown) =>
      services.logger.error({ err, saga: claim.id }, 'a saga runs and is not marked as started'),
    );
  }
  const links = linksOf(services, { type, mode, sagaId: claim.id });
  return { saga_id: claim.id, type, state: 'running' as const, links };
}

/** Of a request that would start another saga when it is sent again. */
function maybeStarted(error: unknown, saga: string): unknown {
  if (!(error instanceof Problem) || error.status !== 503) return error;
  const { headers = {} } = error.extras;
  const detail = `whether the saga was started is not known: look at ${saga} before you send the request again`;
  return new Problem(503, `${detail}, or send an Idempotency-Key with it`, { headers, more: { saga } });
}

/** A saga that runs already is a success: an earlier request with this key came this far. */
async function startWorkflow(services: Services, type: string, sagaId: string, input: unknown) {
  const { alertAfter, beside } = services;
  const eager = beside?.client();
  const temporal = eager ?? services.temporal;
  const options = sagaStart({ alertAfter, placement: beside?.placement }, { type, sagaId }, input);
  try {
    const { eagerlyStarted } = await askTemporal(temporal, () =>
      temporal.workflow.start(type, { ...options, requestEagerStart: eager !== undefined }),
    );
    if (eagerlyStarted) beside?.begin({ type, sagaId, input, placement: beside.placement });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
