import { activityInfo } from '@temporalio/activity';
import { failureWithoutStack } from '../saga/failure.ts';

/** In seconds: 1, 2, 4, …, 20 minutes. Twenty attempts take more than three hours. */
export const delayAfter = (attempt: number) => Math.min(2 ** (attempt - 1), 20 * 60);

/**
 * Runs in place of a step that only a newer version of its service has. The step's own back-off would spend its attempts
 * within minutes, and its saga would unwind.
 */
export async function unknownStep(): Promise<never> {
  const { activityType, attempt, taskQueue } = activityInfo();
  throw failureWithoutStack({
    type: 'failed',
    message: `this version of the ${taskQueue} service has no ${activityType}: deploy the one that has it`,
    nextRetryDelay: `${delayAfter(attempt)} seconds`,
    details: [{ attempts: attempt }],
  });
}
