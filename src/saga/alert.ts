import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Alert, UpkeepActivities } from './activities.ts';
import { duration } from './duration.ts';
import { alertAfterKey } from './state.ts';

const defaultAlertAfter = 'PT5M';

/** After how long something alerts, as the start recorded it: an ISO 8601 duration. */
export const alertAfterInMemo = (): string =>
  duration.safeParse(workflowInfo().memo?.[alertAfterKey]).data ?? defaultAlertAfter;

/** A separate workflow: the saga does not wait for the delivery, and its end does not stop it. */
export async function alert(content: Alert, id: string): Promise<void> {
  const { pushAlert } = proxyActivities<Pick<UpkeepActivities, 'pushAlert'>>({
    summary: content.error,
    startToCloseTimeout: '10 seconds',
    retry: { maximumInterval: '1 minute' },
  });
  await pushAlert(content, id);
}
