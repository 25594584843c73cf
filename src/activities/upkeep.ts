import { activityInfo } from '@temporalio/activity';
import { findSteps } from '../history/find-steps.ts';
import type { UpkeepActivities } from '../saga/activities.ts';
import { endedSagas } from './ended-sagas.ts';
import { type AlertEnvironment, pushAlert } from './push-alert.ts';
import { startUnwinders, type UnwinderEnvironment } from './start-unwinders.ts';

interface UpkeepEnvironment extends AlertEnvironment, UnwinderEnvironment {}

/** What the kernel needs from outside. */
export const upkeepActivities = (environment: UpkeepEnvironment): UpkeepActivities => ({
  endedSagas: (since, page) => endedSagas(environment.temporal, since, page),
  async findSaga(type, sagaId) {
    const found = await findSteps(environment.temporal, { type, sagaId });
    return { ...found, askedBy: activityInfo().workflowExecution?.runId };
  },
  startUnwinders: (since) => startUnwinders(environment, since),
  pushAlert: (alert, id) => pushAlert(environment, alert, id),
});
