import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Alert } from '../saga/alert.ts';
import { sagaTaskQueue } from '../workflows/contracts.ts';

/** Resolves when the alert can no longer be lost. `key` is the same at each attempt. */
export async function raiseAlert(temporal: Client, key: string, alert: Alert): Promise<void> {
  const workflowId = `alert-${alert.saga_id}-${key}`;
  try {
    await temporal.workflow.start('alert', {
      taskQueue: sagaTaskQueue,
      workflowId,
      args: [alert, workflowId],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: `Alert: ${alert.type} ${alert.step ?? ''}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
