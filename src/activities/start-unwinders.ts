import { activityInfo, heartbeat } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { closedSince } from '../history/closed-since.ts';
import { orAlreadyStarted, orGone } from '../history/grpc.ts';
import { type ListedRun, listRuns, unwinderType } from '../history/list-runs.ts';
import { isOver, newestRuns } from '../history/newest-runs.ts';
import { unwinderId } from '../saga/state.ts';
import { alertStart, unwinderStart } from '../workflows/start-options.ts';

export interface UnwinderEnvironment {
  temporal: Client;
  /** The time after which an alert is due: an ISO 8601 duration. */
  alertAfter: string;
}

const pageSize = 100;
/** Long, because a saga that is missed now is missed for good. Seeing a saga again has no effect. */
const lagMs = 15 * 60_000;

/** The progress of a pass, from which the next attempt continues. */
const progressSchema = z.object({ began: z.string(), token: z.base64() });

/** Starts an unwinder for each saga that was terminated or timed out since then. Returns when this pass began. */
export async function startUnwinders(
  environment: UnwinderEnvironment,
  since: string | null,
): Promise<string> {
  const fresh = { began: new Date().toISOString(), token: '' };
  const { began, token } = progressSchema.safeParse(activityInfo().heartbeatDetails).data ?? fresh;
  const query = leftBehind(since);
  for (let next: Uint8Array | undefined = Buffer.from(token, 'base64'); next; ) {
    const page = await listRuns(environment.temporal, query, { pageSize, token: next });
    await startMissing(environment, page.runs);
    next = page.nextPageToken;
    if (next) heartbeat({ began, token: Buffer.from(next).toString('base64') });
  }
  return began;
}

function leftBehind(since: string | null): string {
  return [
    'ExecutionStatus in ("Terminated", "TimedOut")',
    'SagaType is not null',
    `WorkflowType != "${unwinderType}"`,
    ...closedSince(since, lagMs),
  ].join(' and ');
}

async function startMissing(environment: UnwinderEnvironment, runs: ListedRun[]) {
  const ids = runs.map(({ sagaId }) => unwinderId(sagaId));
  const unwinders = await newestRuns(environment.temporal, ids);
  for (const run of runs) {
    const unwinder = unwinders.get(unwinderId(run.sagaId));
    const standsIn = unwinder !== undefined && !isOver(unwinder, run);
    if (standsIn && !wasThereBefore(unwinder, run)) continue;
    if (!(await isNewest(environment.temporal, run))) continue;
    if (standsIn) await alertAgain(environment, run);
    else await start(environment, run, unwinder !== undefined);
  }
}

/** It already stood in for an earlier run and has alerted for that: the saga was reset and terminated again. */
const wasThereBefore = (unwinder: ListedRun, { closedAt }: ListedRun) =>
  closedAt !== undefined && unwinder.startedAt < closedAt;

async function alertAgain({ temporal }: UnwinderEnvironment, { sagaId, type, runId, closedAt }: ListedRun) {
  const options = alertStart(`again-${runId}`, {
    saga_id: sagaId,
    type,
    step: null,
    op: null,
    error: 'its workflow was terminated or timed out again',
    since: (closedAt ?? new Date()).toISOString(),
  });
  await orAlreadyStarted(temporal.workflow.start('alert', options));
}

/** A run that was terminated by a reset has a successor. */
async function isNewest(temporal: Client, { workflowId, runId }: ListedRun): Promise<boolean> {
  const newest = await orGone(temporal.workflow.getHandle(workflowId).describe());
  return newest?.runId === runId;
}

/** `again`: an earlier unwinder ended before the saga was reset and terminated once more. */
async function start(environment: UnwinderEnvironment, saga: ListedRun, again: boolean) {
  const options = unwinderStart(environment, saga);
  await orAlreadyStarted(
    environment.temporal.workflow.start(unwinderType, {
      ...options,
      ...(again && { workflowIdReusePolicy: 'ALLOW_DUPLICATE' }),
    }),
  );
}
