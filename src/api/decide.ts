import { createRoute } from '@hono/zod-openapi';
import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type Decision, decisionSchema, isSame } from '../saga/decision.ts';
import { decideUpdate } from '../saga/messages.ts';
import { workflowId } from '../saga/state.ts';
import { type FoundSaga, findSaga, snapshotOf } from './find-saga.ts';
import { Problem } from './problem.ts';
import { jsonOnly, problems, router } from './router.ts';
import { decidedSchema, decisionBody, sagaPath } from './schemas.ts';
import type { Services } from './services.ts';
import { caller } from './start-saga.ts';
import { askTemporal } from './temporal.ts';

const route = createRoute({
  method: 'post',
  path: '/sagas/{id}/decision',
  summary: 'Decide a saga that waits; the first valid decision stands',
  middleware: [jsonOnly] as const,
  request: {
    params: sagaPath,
    body: { required: true, content: { 'application/json': { schema: decisionBody } } },
  },
  responses: {
    200: { description: 'taken', content: { 'application/json': { schema: decidedSchema } } },
    ...problems(400, 404, 409, 413, 415, 422, 503),
  },
});

export const decisionRoutes = (services: Services) =>
  router().openapi(route, async (c) => {
    const saga = await findSaga(services, c.req.valid('param').id);
    const decision = await decide(services, saga, { ...c.req.valid('json'), by: caller });
    return c.json({ saga_id: saga.sagaId, decision }, 200);
  });

/** Answers the decision that stands. Throws the 409 when it is another one, the 503 when no worker answers. */
async function decide(services: Services, saga: FoundSaga, decision: Decision): Promise<Decision> {
  const { temporal } = services;
  const handle = temporal.workflow.getHandle(workflowId(saga.type, saga.sagaId));
  try {
    return await askTemporal(temporal, () => handle.executeUpdate(decideUpdate, { args: [decision] }));
  } catch (error) {
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw noWorker();
    if (error instanceof WorkflowUpdateFailedError) throw refused(error);
    if (error instanceof WorkflowNotFoundError) return standingAtTheEnd(services, saga, decision);
    throw error;
  }
}

/** The update may still be taken when a worker is back. */
const noWorker = () =>
  new Problem(503, 'no worker answers now: send the decision again later, with an id to have it count once', {
    headers: { 'retry-after': '5' },
  });

function refused({ cause }: WorkflowUpdateFailedError): Problem {
  const [refusal] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  const standing =
    typeof refusal === 'object' && refusal && 'standing' in refusal ? refusal.standing : undefined;
  if (standing) return new Problem(409, 'the saga is already decided', { more: { decision: standing } });
  return new Problem(409, `the decision cannot be taken: ${cause?.message ?? 'it was refused'}`);
}

/** For a saga that has ended: its decision, if it is the one that was sent again. Throws the 409 if not. */
async function standingAtTheEnd(services: Services, saga: FoundSaga, sent: Decision): Promise<Decision> {
  const { state, timeline } = await snapshotOf(services, saga);
  const taken = timeline.find((entry) => 'event' in entry && entry.event === 'decision');
  if (!taken) throw new Problem(409, `the saga is ${state}: it awaits no decision`);
  const decision = decisionSchema.parse(taken);
  if (isSame(sent, decision)) return decision;
  throw new Problem(409, `the saga is already decided, and ${state}`, { more: { decision } });
}
