import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, proxyActivities, startChild } from '@temporalio/workflow';
import { alertId, alertSummary } from './state.ts';
import type { StepOp } from './step.ts';

/** What somebody must know: something is parked, or has been unwinding for too long. */
export interface Alert {
  saga_id: string;
  type: string;
  step: string | null;
  op: StepOp | null;
  error: string;
  /** RFC 3339, UTC. */
  since: string;
  /** Where to look; absent: at its workflow. */
  link?: string;
}

/** What pushes an alert: to be registered with the workers of the sagas' task queue. `id` is the same at each attempt. */
export interface AlertActivities {
  pushAlert(alert: Alert, id: string): Promise<void>;
}

/** A workflow of its own, so that the saga neither waits for the delivery nor takes it along when it ends. */
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
