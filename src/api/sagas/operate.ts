import { WithStartWorkflowOperation } from '@temporalio/client';
import { unwinderType } from '../../history/list-runs.ts';
import type { Command, CommandRefusal, OperatorAction } from '../../saga/command.ts';
import { asText, isSameCommand, operatorActions, refusalSchema } from '../../saga/command.ts';
import { whyUnreachable } from '../../saga/fold/fold.ts';
import { type CommandResult, commandUpdate } from '../../saga/messages.ts';
import { commandNoteSchema } from '../../saga/note.ts';
import { isEnded, type SagaState, workflowId } from '../../saga/state.ts';
import type { SagaSnapshot } from '../../saga/timeline.ts';
import { unwinderStart } from '../../workflows/start-options.ts';
import type { ApiContext } from '../context.ts';
import { Problem } from '../http/problem.ts';
import { problems } from '../http/problem-responses.ts';
import { jsonRoutes } from '../json-routes.ts';
import { authorizedSaga, type RequestedSaga, readSnapshot } from './find-saga.ts';
import { readCommand } from './read-command.ts';
import { commandBodies, operatedSchema } from './schemas.ts';
import { movedOn, type Updated, updateSaga } from './update-saga.ts';

const summaries = {
  retry: 'Try again what is parked',
  correct: 'Correct the input of a parked step and run it again',
  resolve: 'Record that something parked was settled by hand',
  compensate: 'Give the saga up and unwind it, also one whose workflow was terminated',
} satisfies Record<OperatorAction, string>;

export function operatorRoutes(context: ApiContext) {
  const { routes, post } = jsonRoutes(context, 'sagas');
  for (const action of operatorActions)
    post(
      `/sagas/{id}/${action}`,
      {
        access: 'operate',
        deferred: true,
        operation: `${action}Saga`,
        summary: summaries[action],
        body: commandBodies[action],
        success: 200,
        response: operatedSchema,
        more: problems(415, 429),
      },
      async (c, caller) => {
        const { id, body } = await readCommand(c, caller, commandBodies[action]);
        const saga = await authorizedSaga(context, id, caller, 'operate');
        if (saga.mode === 'choreographed') throw noCommands(saga.sagaId);
        const command: Command = { ...body, action, by: caller.by };
        const state = await carryOut(context, saga, command);
        const { step, by, reason } = command;
        context.logger.info({ saga: saga.sagaId, action, step, by, reason }, 'command');
        return c.json({ state });
      },
    );
  return routes;
}

/** Its services undo it on their own; only its events can be parked. */
const noCommands = (sagaId: string) =>
  nothingPossible(
    `saga ${sagaId} is choreographed and takes no commands: release its parked event (npm run events)`,
  );

/** Returns the saga's new state. Throws the 409 with the commands that are possible, the 422 or the 503. */
async function carryOut(context: ApiContext, saga: RequestedSaga, command: Command): Promise<SagaState> {
  const { temporal } = context;
  const { action, ...message } = command;
  const handle = temporal.workflow.getHandle(workflowId(saga.type, saga.sagaId));
  const update = commandUpdate(action);
  const updated = await updateSaga(context, (updateId) =>
    handle.executeUpdate(update, { args: [message], updateId }),
  );
  if (!('closed' in updated)) return stateOf(updated);

  // Without any history it may have completed: throws the 404.
  const snapshot = await readSnapshot(context, saga);
  if (isEnded(snapshot.state)) return stateAtTheEnd(snapshot, command);
  // Terminated or timed out: the command goes to its unwinder, which the sweep may not have started yet.
  const byUnwinder = await updateSaga(context, (updateId) => {
    const startWorkflowOperation = new WithStartWorkflowOperation(unwinderType, unwinderStart(context, saga));
    return temporal.workflow.executeUpdateWithStart(update, {
      startWorkflowOperation,
      args: [message],
      updateId,
    });
  });
  if (!('closed' in byUnwinder)) return stateOf(byUnwinder);
  return stateAtTheEnd(await readSnapshot(context, saga), command);
}

function stateOf(updated: Exclude<Updated<CommandResult>, { closed: true }>): SagaState {
  if ('result' in updated && !updated.result.refusal) return updated.result.state;
  const refused = 'result' in updated ? updated.result.refusal : updated.refusal.detail;
  const refusal = refusalSchema.safeParse(refused).data;
  throw refusal ? commandProblem(refusal) : movedOn();
}

function commandProblem(refusal: CommandRefusal): Problem {
  const { why, detail, possible, fields } = refusal;
  if (why === 'malformed') {
    const errors = (fields ?? []).map(({ field, detail }) => ({
      pointer: field === '' ? '/input' : `/input/${field}`,
      detail,
    }));
    return new Problem(422, detail, { errors });
  }
  if (why === 'id-used') return new Problem(422, detail, { errors: [{ pointer: '/id', detail }] });
  return new Problem(409, asText(refusal), { more: { possible } });
}

/** A resend of an executed command succeeds. */
function stateAtTheEnd(snapshot: SagaSnapshot, command: Command): SagaState {
  const { state, timeline } = snapshot;
  const taken = timeline.flatMap((entry) => commandNoteSchema.safeParse(entry).data ?? []);
  const known = taken.findLast(({ id }) => id !== undefined && id === command.id);
  // The timeline names the step also of a command that named none.
  if (known && isSameCommand({ ...known, step: command.step && known.step }, command)) return state;
  const unreachable = whyUnreachable(snapshot);
  if (unreachable !== undefined) throw nothingPossible(`the saga is ${state}: ${unreachable}`);
  // It was terminated again, and the stand-in for that has not started yet.
  if (!isEnded(state)) throw movedOn();
  throw nothingPossible(`the saga is ${state}: nothing is left to act on`);
}

const nothingPossible = (detail: string) => new Problem(409, detail, { more: { possible: [] } });
