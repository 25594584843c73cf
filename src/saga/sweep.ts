import { continueAsNew, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { UpkeepActivities } from './activities.ts';

const { startUnwinders } = proxyActivities<Pick<UpkeepActivities, 'startUnwinders'>>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '20 seconds',
  retry: { maximumInterval: '10 seconds' },
});

export const sweepWorkflowId = 'sweep';

export interface SweepInput {
  everyMs: number;
  /** RFC 3339: workflows that closed before have been processed. */
  since: string | null;
}

/** Runs forever and finds sagas whose workflow was terminated or timed out. */
export async function sweep({ everyMs, since }: SweepInput): Promise<void> {
  for (let seen = since; ; ) {
    seen = await startUnwinders(seen);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof sweep>({ everyMs, since: seen });
    await sleep(everyMs, { summary: 'Until the next sweep' });
  }
}
