import { ApplicationFailure, CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { FoundSaga } from './activities.ts';
import type { Command } from './command.ts';
import { freshData, type SagaData } from './data.ts';
import { type SagaError, wholeSagaError } from './errors.ts';
import { unwinderId } from './state.ts';
import { endCompleted, endUnwound } from './workflow/end.ts';
import { canBeUndone, fencePivots, remember, rememberedEntries, upkeep } from './workflow/left-behind.ts';
import { listen } from './workflow/listen.ts';
import { park, parkedSaga, takeBack } from './workflow/parking.ts';
import { type SagaPlan, SagaRun } from './workflow/run.ts';
import { unwind } from './workflow/unwind.ts';

interface LeftBehindSaga {
  type: string;
  saga_id: string;
}

/**
 * Makes the workflow that stands in for a saga whose own was terminated or timed out. It is parked until the command
 * `compensate`, which undoes every step that the histories show as started, or `resolve`.
 */
export const defineUnwinder =
  (plans: readonly SagaPlan[]) =>
  async (saga: LeftBehindSaga, carried?: SagaData): Promise<void> => {
    const { continuedFromExecutionRunId, workflowId } = workflowInfo();
    const plan = plans.find(({ type }) => type === saga.type);
    if (!plan || workflowId !== unwinderId(saga.saga_id))
      throw ApplicationFailure.nonRetryable('its input must be {type, saga_id}, its id unwind-{saga_id}');
    const data = freshData(continuedFromExecutionRunId ? carried : undefined);
    const run = new SagaRun(plan, saga.saga_id, saga, data, { standsIn: true });
    run.ready = data.unwinding !== null;
    if (!data.unwinding) run.show('parked');
    listen(run);
    const next = data.unwinding ? 'unwind' : await CancellationScope.nonCancellable(() => obeyOperator(run));
    if (next === 'unwind') await unwind(run, { cancelled: false });
    return data.committed ? endCompleted(run) : endUnwound(run);
  };

/** Parks the saga until a command was carried out. `over`: an operator resolved it, or there is nothing to undo. */
async function obeyOperator(run: SagaRun): Promise<'unwind' | 'over'> {
  const { data, plan, id } = run;
  const found = await upkeep.findSaga(plan.type, id);
  const error = errorOf(found);
  if (data.parked.length === 0) data.errors.execution.push(error);
  remember(run, found);
  data.committed ||= found.committed ?? false;
  if (found.status !== 'gone' && data.found.length === 0 && !data.committed) {
    // The saga has failed with nothing to compensate.
    data.resolved = true;
    run.ready = true;
    return 'over';
  }
  for (;;) {
    const isSettled = data.committed || data.settling;
    const item = data.parked[0] ?? parkedSaga(error, isSettled ? ['resolve'] : ['compensate', 'resolve']);
    const ordered = park(run, item);
    run.ready = true;
    const command = await ordered;
    item.refusal = await carryOut(run, command, await upkeep.findSaga(plan.type, id));
    if (item.refusal === null) return command.action === 'compensate' ? 'unwind' : 'over';
    takeBack(run, command, item.refusal);
  }
}

/** Returns why it cannot be carried out, or null. */
async function carryOut(run: SagaRun, command: Command, found: FoundSaga): Promise<string | null> {
  const { data } = run;
  const goesOnByItself = found.status === 'open' || found.status === 'ended';
  if (goesOnByItself && command.action === 'compensate')
    return `the saga is ${found.status} itself: a resolve ends this stand-in`;
  const entries = goesOnByItself ? [] : rememberedEntries(run, found);
  const pivot = await fencePivots(run, entries);
  data.committed ||= pivot !== undefined || (found.committed ?? false);
  if (command.action === 'compensate') {
    if (data.committed) {
      const goOn = found.status === 'gone' ? '' : '; a reset of its workflow lets the saga go on';
      return `${pivot?.step ?? 'its pivot'} has committed, so nothing may be undone${goOn}`;
    }
    data.stack = entries.filter(canBeUndone(run));
    return null;
  }
  for (const entry of entries) {
    if (run.contractOf(entry.step).pivot) continue;
    const tried = await run.attempt('undo', entry, { by_hand: data.committed ? 'do' : 'undo' });
    if ('error' in tried) {
      // A later `compensate` would silently skip the steps that are fenced already.
      data.settling ||= !data.committed;
      return `${entry.step} could not be fenced: ${tried.error.message}`;
    }
  }
  const [error] = data.errors.execution;
  if (error) run.resolve(error, command);
  return null;
}

function errorOf({ status, reason }: FoundSaga): SagaError {
  const type = status === 'timed-out' ? 'timed-out' : 'terminated';
  const message = reason || (status === 'gone' ? 'its history is no longer kept' : type);
  return wholeSagaError({ type, message }, new Date().toISOString());
}
