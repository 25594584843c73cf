import type { Client } from '@temporalio/client';
import type { PendingActivity } from '../saga/history-event.ts';
import { fetchRun, type Run } from './fetch-run.ts';
import { orGone } from './grpc.ts';

export interface Runs {
  /** Oldest first. */
  runs: Run[];
  newest: Run;
  /** The activities in progress of the newest run. */
  pending: PendingActivity[];
}

/**
 * All runs of a workflow that are still kept; undefined if there is none. A single run costs two calls. `every`: includes
 * earlier executions of the same id.
 */
export async function readRuns(
  client: Client,
  workflowId: string,
  { every = false } = {},
): Promise<Runs | undefined> {
  for (;;) {
    const [newest, description] = await Promise.all([
      fetchRun(client, workflowId),
      orGone(client.workflow.getHandle(workflowId).describe()),
    ]);
    if (!newest || !description) return undefined;
    // If not, another run has begun between the two responses.
    if (newest.runId === description.runId) {
      const runs = (await withEarlier(client, newest, every)).sort((a, b) => a.since - b.since);
      return { runs, newest, pending: description.raw.pendingActivities ?? [] };
    }
  }
}

/** Follows the references from run to run. Only the index lists all runs that came of one base. */
async function withEarlier(client: Client, newest: Run, every: boolean): Promise<Run[]> {
  const { workflowId } = newest;
  const runs = [newest];
  const asked = new Set([newest.runId]);
  let listed = false;
  for (const { continues, base } of runs) {
    const named = [continues, base].filter((runId) => runId !== undefined);
    if ((every || base !== undefined) && !listed) {
      named.push(...(await runIdsOf(client, workflowId)));
      listed = true;
    }
    for (const runId of named) {
      if (asked.has(runId)) continue;
      asked.add(runId);
      const run = await fetchRun(client, workflowId, runId);
      if (run) runs.push(run);
    }
  }
  return runs;
}

async function runIdsOf(client: Client, workflowId: string): Promise<string[]> {
  const runIds: string[] = [];
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = "${workflowId}"` }))
    runIds.push(runId);
  return runIds;
}
