import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { findSteps } from '../history/find-steps.ts';
import type { UpkeepActivities } from '../saga/left-behind.ts';
import { pushAlert } from './push-alert.ts';
import { startUnwinders } from './start-unwinders.ts';

export interface UpkeepEnvironment {
  temporal: Client;
  temporalUiUrl: string;
  /** After how long of unwinding an alert is due: an ISO 8601 duration. */
  alertAfter: string;
  /** Undefined: alerts are only logged. */
  alertWebhookUrl: string | undefined;
  logger: Logger;
}

/** What the kernel asks of the outside. */
export const upkeepActivities = (environment: UpkeepEnvironment): UpkeepActivities => ({
  findSaga: (type, sagaId) => findSteps(environment.temporal, { type, sagaId }),
  startUnwinders: (since) => startUnwinders(environment, since),
  pushAlert: (alert, id) => pushAlert(environment, alert, id),
});
