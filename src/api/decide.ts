import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Context } from 'hono';
import { decisionSchema } from '../saga/decision.ts';
import { decideUpdate } from '../saga/messages.ts';
import { workflowId } from '../saga/state.ts';
import { readJson } from './body.ts';
import { findSaga } from './get-saga.ts';
import { Problem, unavailable } from './problem.ts';
import type { Services } from './services.ts';
import { caller } from './start-saga.ts';
import { askTemporal } from './temporal.ts';

const bodySchema = decisionSchema.omit({ by: true }).strict();

/** `POST /sagas/:id/decision`: the first valid decision stands. */
export const decideSaga = (services: Services) =>
  async function decideSaga(c: Context) {
    const decision = { ...(await readJson(c, bodySchema)), by: caller };
    const { sagaId, type } = await findSaga(services, c);
    const handle = services.temporal.workflow.getHandle(workflowId(type, sagaId));
    try {
      const standing = await askTemporal(services.temporal, () =>
        handle.executeUpdate(decideUpdate, { args: [decision] }),
      );
      return c.json({ saga_id: sagaId, decision: standing });
    } catch (error) {
      if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw unavailable('a worker');
      if (error instanceof WorkflowUpdateFailedError) throw refused(error);
      if (error instanceof WorkflowNotFoundError)
        return c.json(await standingAtTheEnd(services, c, decision.id));
      throw error;
    }
  };

function refused({ cause }: WorkflowUpdateFailedError): Problem {
  const [refusal] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  const standing =
    typeof refusal === 'object' && refusal && 'standing' in refusal ? refusal.standing : undefined;
  if (standing) return new Problem(409, 'the saga is already decided', { more: { decision: standing } });
  return new Problem(409, `the decision cannot be taken: ${cause?.message ?? 'it was refused'}`);
}

/** For a saga that has ended: its decision, if it is the one that is sent again under `id`. Throws the 409 if not. */
async function standingAtTheEnd(services: Services, c: Context, id: string | undefined) {
  const { sagaId, snapshot } = await findSaga(services, c);
  const taken = snapshot.timeline.find((entry) => 'event' in entry && entry.event === 'decision');
  if (!taken) throw new Problem(409, `the saga is ${snapshot.state}: it awaits no decision`);
  const decision = decisionSchema.parse(taken);
  if (id !== undefined && id === decision.id) return { saga_id: sagaId, decision };
  throw new Problem(409, `the saga is already decided, and ${snapshot.state}`, { more: { decision } });
}
