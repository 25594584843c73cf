import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Database } from '../guard/database.ts';
import type { Alert } from '../saga/alert.ts';
import { findRegisteredSaga } from '../services/registry/find-saga.ts';
import { sagaTaskQueue } from '../workflows/contracts.ts';

interface Alerting {
  temporal: Client;
  registry: Database;
  sagaLink(sagaId: string): string;
}

/** Resolves when the alert can no longer be lost. `key` is the same at each attempt. */
export async function raiseAlert(
  { temporal, registry, sagaLink }: Alerting,
  key: string,
  what: Omit<Alert, 'type' | 'link'>,
): Promise<void> {
  const { saga_id } = what;
  const type = (await findRegisteredSaga(registry, saga_id))?.type ?? 'unknown';
  const alert: Alert = { ...what, type, link: sagaLink(saga_id) };
  const workflowId = `alert-${saga_id}-${key}`;
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
