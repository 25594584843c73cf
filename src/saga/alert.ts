import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, proxyActivities, startChild, workflowInfo } from '@temporalio/workflow';
import { duration } from './duration.ts';
import { alertAfter, alertId, alertSummary } from './state.ts';
import type { StepOp } from './step.ts';

/** Something is parked, or has taken too long. */
export interface Alert {
  saga_id: string;
  type: string;
  step: string | null;
  op: StepOp | null;
  error: string;
  /** RFC 3339, UTC. */
  since: string;
  /** Absent: its workflow. */
  link?: string;
}

/** Register with the workers of the sagas' task queue. `id` is the same for each attempt. */
export interface AlertActivities {
  pushAlert(alert: Alert, id: string): Promise<void>;
}

const defaultAlertAfter = 'PT5M';

/** After how long something alerts, as the start recorded it: an ISO 8601 duration. */
export const alertAfterInMemo = (): string =>
  duration.safeParse(workflowInfo().memo?.[alertAfter]).data ?? defaultAlertAfter;

/** A separate workflow: the saga does not wait for the delivery, and its end does not stop it. */
export async function alert(content: Alert, id: string): Promise<void> {
  const { pushAlert } = proxyActivities<AlertActivities>({
    summary: content.error,
    startToCloseTimeout: '10 seconds',
    retry: { maximumInterval: '1 minute' },
  });
  await pushAlert(content, id);
}

/** Resolves when the alert can no longer be lost. */
export async function raiseAlert(key: string, content: Alert): Promise<void> {
  const id = alertId(content.saga_id, key);
  try {
    await startChild(alert, {
      workflowId: id,
      args: [content, id],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: alertSummary(content),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
