import { proxyActivities } from '@temporalio/workflow';
import type { Alert, UpkeepActivities } from './activities.ts';

/** A separate workflow: the saga does not wait for the delivery, and its end does not stop it. */
export async function alert(content: Alert, id: string): Promise<void> {
  const { pushAlert } = proxyActivities<Pick<UpkeepActivities, 'pushAlert'>>({
    summary: content.error,
    startToCloseTimeout: '10 seconds',
    retry: { maximumInterval: '1 minute' },
  });
  await pushAlert(content, id);
}
