import type { Client } from '@temporalio/client';
import { expect } from 'vitest';
import { readRuns } from '../../src/history/read-runs.ts';

/** As after the retention; without `runId` the newest run. Temporal still knows it for a moment. */
export const deleteRun = (
  { workflowService, options: { namespace } }: Client,
  workflowExecution: { workflowId: string; runId?: string },
) => workflowService.deleteWorkflowExecution({ namespace, workflowExecution });

/** Deletes all runs but the newest. One that continues as new meanwhile counts as earlier. */
export async function deleteEarlierRuns(client: Client, workflowId: string): Promise<void> {
  const asked = new Set<string>();
  const untilOne = async () => {
    const runs = (await readRuns(client, workflowId))?.runs ?? [];
    for (const { runId } of runs.slice(0, -1)) {
      if (asked.has(runId)) continue;
      asked.add(runId);
      await deleteRun(client, { workflowId, runId });
    }
    return runs.length;
  };
  await expect.poll(untilOne, { timeout: 45_000 }).toBe(1);
}
