import { type Decision, decisionSchema, isSameDecision } from '../../saga/decision.ts';
import { decideUpdate } from '../../saga/messages.ts';
import { type SagaState, workflowId } from '../../saga/state.ts';
import type { ApiContext } from '../context.ts';
import { Problem } from '../http/problem.ts';
import { problems } from '../http/problem-responses.ts';
import { jsonRoutes } from '../json-routes.ts';
import { authorizedSaga, type RequestedSaga, readSnapshot } from './find-saga.ts';
import { readCommand } from './read-command.ts';
import { decidedSchema, decisionBody } from './schemas.ts';
import { updateSaga } from './update-saga.ts';

export function decisionRoutes(context: ApiContext) {
  const { routes, post } = jsonRoutes(context, 'sagas');
  post(
    '/sagas/{id}/decision',
    {
      access: 'decide',
      deferred: true,
      operation: 'decideSaga',
      summary: 'Decide a saga that waits; the first valid decision stands',
      body: decisionBody,
      success: 200,
      response: decidedSchema,
      more: problems(415, 429),
    },
    async (c, caller) => {
      const { id, body } = await readCommand(c, caller, decisionBody);
      const saga = await authorizedSaga(context, id, caller, 'decide');
      if (saga.mode === 'choreographed') {
        const { state } = await readSnapshot(context, saga);
        throw new Problem(409, `a choreographed saga awaits no decision: it is ${state}`, {
          more: { state },
        });
      }
      const decision = await decide(context, saga, { ...body, by: caller.by });
      const { approved, by, reason } = decision;
      context.logger.info({ saga: saga.sagaId, approved, by, reason }, 'decision');
      return c.json({ saga_id: saga.sagaId, decision });
    },
  );
  return routes;
}

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
