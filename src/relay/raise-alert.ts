import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Database } from '../guard/database.ts';
import type { Alert } from '../saga/alert.ts';
import { alertId, alertSummary } from '../saga/state.ts';
import { findRegisteredSaga } from '../services/registry/find-saga.ts';
import { sagaTaskQueue } from '../workflows/contracts.ts';
import type { AfterFailure } from './retry.ts';

interface Alerting {
  temporal: Client;
  registry: Database;
  sagaLink(sagaId: string): string;
  logger: Logger;
}

/** Far below the lease of what is to be told of. */
const answerMs = 5_000;

type What = Omit<Alert, 'type' | 'link'>;

/** Resolves when the alert can no longer be lost. `key` is the same at each attempt. */
export async function raiseAlert(
  { temporal, registry, sagaLink }: Alerting,
  key: string,
  what: What,
): Promise<void> {
  const { saga_id } = what;
  const type = (await findRegisteredSaga(registry, saga_id))?.type ?? 'unknown';
  const alert: Alert = { ...what, type, link: sagaLink(saga_id) };
  const workflowId = alertId(saga_id, key);
  try {
    await temporal.withDeadline(Date.now() + answerMs, () =>
      temporal.workflow.start('alert', {
        taskQueue: sagaTaskQueue,
        workflowId,
        args: [alert, workflowId],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: alertSummary(alert),
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** What is to be parked is told of first. As long as nobody can be told it is tried again, and that does not count. */
export async function alertIfParked(
  alerting: Alerting,
  failure: AfterFailure,
  key: string,
  what: What,
): Promise<AfterFailure> {
  if (!failure.park) return failure;
  try {
    await raiseAlert(alerting, key, what);
    return failure;
  } catch (err) {
    alerting.logger.warn(
      { err, saga: what.saga_id, error: what.error },
      'nobody can be alerted now, so it is not parked yet',
    );
    return { ...failure, park: false, counts: false };
  }
}
