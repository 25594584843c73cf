import type { WorkflowStartOptions } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import type { StepActivities } from '../../../src/activities/step-activities.ts';

interface FastPath {
  /** What the worker of the sagas runs, given the activities of the service `service`. */
  activities(service: string, ofService: StepActivities): NonNullable<WorkerOptions['activities']>;
  /** What the start of a saga carries besides, whose steps `service` runs. */
  start(service: string): Pick<WorkflowStartOptions, 'requestEagerStart' | 'memo'>;
}

/** THE ONE PLACE: `unwind fast` takes part as soon as this says what the fast path wants. */
export const fastPath: FastPath | undefined = undefined;
