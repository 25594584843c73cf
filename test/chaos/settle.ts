import { isEnded, unwinderId, workflowId } from '../../src/saga/state.ts';
import { resetAt } from '../support/reset.ts';
import type { System } from '../support/system.ts';
import type { Tale } from './tales.ts';

interface Possible {
  action: string;
  step: string | null;
}

/** Once nothing fails any more, does what docs/operations.md says to do next. Answers whether the saga has ended. */
export async function settle(system: System, tale: Tale): Promise<boolean> {
  const { call, get, handle } = system;
  const { saga, id } = tale;
  const { state } = await get(id);
  if (state === 'waiting')
    await call('POST', `/sagas/${id}/decision`, { approved: true, reason: 'known to us' });
  if (state !== 'parked') return isEnded(state);
  const order = ({ action, step }: Possible) =>
    call('POST', `/sagas/${id}/${action}`, { reason: 'all is mended', ...(step && { step }) });
  const { status, body } = await order({ action: 'retry', step: null });
  if (status !== 409) return false;
  const can = (action: string): Possible | undefined =>
    body.possible?.find((one: Possible) => one.action === action);
  const next = can('retry') ?? can('compensate');
  const isTerminated = async () => (await handle(saga, id).describe()).status.name === 'TERMINATED';
  if (body.detail.includes('reset that workflow')) await resetTo(system, unwinderId(id), 'first');
  else if (next) await order(next);
  else if (await isTerminated()) await resetTo(system, workflowId(saga, id), 'last');
  else await order({ action: 'resolve', step: can('resolve')?.step ?? null });
  return false;
}

/** As `temporal workflow reset --type FirstWorkflowTask` or `LastWorkflowTask` does, also before the first task. */
async function resetTo({ temporal: { client } }: System, workflow: string, which: 'first' | 'last') {
  const { events } = await client.workflow.getHandle(workflow).fetchHistory();
  const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
  // One that started eagerly has no boundary before its first task has failed.
  const failed = events?.find((event) => event.workflowTaskFailedEventAttributes);
  const task = tasks.at(which === 'first' ? 0 : -1) ?? failed ?? events?.[2];
  await resetAt(client, { workflowId: workflow }, task);
}
