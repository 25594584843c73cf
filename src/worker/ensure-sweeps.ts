import type { Client } from '@temporalio/client';
import { lockedServices } from '../activities/locks.ts';
import { type LockSweepInput, lockSweepWorkflowId } from '../saga/lock-sweep.ts';
import { type SweepInput, sweepWorkflowId } from '../saga/sweep.ts';
import { sagaTaskQueue } from '../workflows/start-options.ts';

/** One of each for all workers. */
export async function ensureSweeps({ workflow }: Client) {
  const one = {
    taskQueue: sagaTaskQueue,
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  } as const;
  const input: SweepInput = { everyMs: 5_000, since: null };
  const staticSummary = 'Finds sagas that were terminated or timed out';
  await workflow.start('sweep', { ...one, workflowId: sweepWorkflowId, args: [input], staticSummary });
  for (const service of lockedServices) {
    const input: LockSweepInput = { service, everyMs: 5_000, since: null };
    const staticSummary = `Frees what ended sagas still hold of the ${service} service`;
    const workflowId = lockSweepWorkflowId(service);
    await workflow.start('sweepLocks', { ...one, workflowId, args: [input], staticSummary });
  }
}
