import { activityInfo } from '@temporalio/activity';
import { failureWithoutStack } from '../saga/failure.ts';
import { parseActivityId } from '../saga/step.ts';

/** In seconds: 1, 2, 4, …, 20 minutes. Twenty attempts take more than three hours. */
export const delayAfter = (attempt: number) => Math.min(2 ** (attempt - 1), 20 * 60);

/**
 * Runs in place of what only a newer version of its service has. The own back-off of a step would spend its attempts within
 * minutes, and its saga would unwind. A compensation keeps its own: it is parked, and the others go on.
 */
export async function unknownStep(): Promise<never> {
  const { activityId, activityType, attempt, taskQueue } = activityInfo();
  const waits = parseActivityId(activityId)?.op === 'do';
  throw failureWithoutStack({
    type: 'failed',
    message: `this version of the ${taskQueue} service has no ${activityType}: deploy the one that has it`,
    ...(waits && { nextRetryDelay: `${delayAfter(attempt)} seconds` }),
    details: [{ attempts: attempt }],
  });
}
