import { createRoute } from '@hono/zod-openapi';
import { type Decision, decisionSchema, isSameDecision } from '../../saga/decision.ts';
import { decideUpdate } from '../../saga/messages.ts';
import { type SagaState, workflowId } from '../../saga/state.ts';
import { identifyCaller, refusalsOf, securityOf } from '../accounts/access.ts';
import type { ApiContext } from '../context.ts';
import { Problem } from '../http/problem.ts';
import { keyHeader } from '../http/read-request.ts';
import { jsonOnly, problems, router } from '../http/router.ts';
import { authorizedSaga, type RequestedSaga, readSnapshot } from './find-saga.ts';
import { keyedId } from './keyed-id.ts';
import { decidedSchema, decisionBody, sagaPath } from './schemas.ts';
import { updateSaga } from './update-saga.ts';

const route = (context: ApiContext) =>
  createRoute({
    method: 'post',
    path: '/sagas/{id}/decision',
    ...securityOf(context, 'decide'),
    summary: 'Decide a saga that waits; the first valid decision stands',
    middleware: [identifyCaller(context), jsonOnly] as const,
    request: {
      params: sagaPath,
      headers: keyHeader,
      body: { required: true, content: { 'application/json': { schema: decisionBody } } },
    },
    responses: {
      200: { description: 'taken', content: { 'application/json': { schema: decidedSchema } } },
      ...problems(400, 404, 409, 413, 415, 422, 429, 503),
      ...refusalsOf(context, 'decide'),
    },
  });

export const decisionRoutes = (context: ApiContext) =>
  router().openapi(route(context), async (c) => {
    const saga = await authorizedSaga(context, c.req.valid('param').id, c.var.caller, 'decide');
    if (saga.mode === 'choreographed') {
      const { state } = await readSnapshot(context, saga);
      throw new Problem(409, `a choreographed saga awaits no decision: it is ${state}`, { more: { state } });
    }
    const body = c.req.valid('json');
    const id = body.id ?? keyedId(c, c.var.caller);
    const decision = await decide(context, saga, { ...body, id, by: c.var.caller.by });
    const { approved, by, reason } = decision;
    context.logger.info({ saga: saga.sagaId, approved, by, reason }, 'decision');
    return c.json({ saga_id: saga.sagaId, decision }, 200);
  });

/** Returns the decision that stands. Throws the 409 for another one, the 503 without a worker. */
async function decide(context: ApiContext, saga: RequestedSaga, decision: Decision): Promise<Decision> {
  const handle = context.temporal.workflow.getHandle(workflowId(saga.type, saga.sagaId));
  const updated = await updateSaga(context, (updateId) =>
    handle.executeUpdate(decideUpdate, { args: [decision], updateId }),
  );
  if ('result' in updated) return updated.result;
  if ('closed' in updated) return standingAtTheEnd(context, saga, decision);
  const { message, detail } = updated.refusal;
  const standing = typeof detail === 'object' && detail && 'standing' in detail ? detail.standing : undefined;
  const { state } = await readSnapshot(context, saga);
  if (standing) throw alreadyDecided(state, standing);
  throw new Problem(409, `the saga is ${state}, and the decision cannot be taken: ${message}`, {
    more: { state },
  });
}

/** A resend of the decision of an ended saga returns it. Throws the 409 for another one. */
async function standingAtTheEnd(context: ApiContext, saga: RequestedSaga, sent: Decision): Promise<Decision> {
  const { state, timeline } = await readSnapshot(context, saga);
  const taken = timeline.findLast((entry) => 'event' in entry && entry.event === 'decision');
  if (!taken) throw new Problem(409, `the saga is ${state}: it awaits no decision`, { more: { state } });
  const decision = decisionSchema.parse(taken);
  if (isSameDecision(sent, decision)) return decision;
  throw alreadyDecided(state, decision);
}

const alreadyDecided = (state: SagaState, decision: unknown) =>
  new Problem(409, `the saga is already decided, and ${state}`, { more: { decision, state } });
