import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { expect } from 'vitest';
import type { System } from './system.ts';

/**
 * Resets a saga to before `step` was first scheduled, as `temporal workflow reset` does. `runId`: not the newest run.
 * Answers the id of the run that begins.
 */
export async function resetToBefore(
  { temporal }: Pick<System, 'temporal'>,
  workflowId: string,
  step: string,
  runId?: string,
): Promise<string> {
  const { client } = temporal;
  const { events = [] } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const scheduled = events?.findIndex(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityId === `do:${step}@1`,
  );
  if (scheduled === undefined || scheduled === -1) throw new Error(`${workflowId} never came to ${step}`);
  const task = events
    ?.slice(0, scheduled)
    .findLast(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes);
  return resetAt(client, { workflowId, ...(runId && { runId }) }, task);
}

/** Waits until the index shows one run of a workflow with this status. */
export async function untilIndexed(
  { temporal }: Pick<System, 'temporal'>,
  workflowId: string,
  status: string,
): Promise<void> {
  const query = `WorkflowId = "${workflowId}" and ExecutionStatus = "${status}"`;
  await expect.poll(async () => (await temporal.client.workflow.count(query)).count).toBe(1);
}

/** Resets a workflow to the end of `task`, a completed workflow task. Answers the id of the run that begins. */
export async function resetAt(
  { options, workflowService }: Client,
  workflowExecution: { workflowId: string; runId?: string },
  task: temporal.api.history.v1.IHistoryEvent | undefined,
  more: { resetReapplyExcludeTypes?: number[] } = {},
): Promise<string> {
  const { runId } = await workflowService.resetWorkflowExecution({
    namespace: options.namespace,
    workflowExecution,
    workflowTaskFinishEventId: task?.eventId ?? null,
    requestId: randomUUID(),
    reason: 'a test',
    ...more,
  });
  return runId;
}
