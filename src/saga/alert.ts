import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ParentClosePolicy,
  proxyActivities,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { duration } from './duration.ts';
import type { SagaError } from './errors.ts';
import { alertAfterKey, alertId, alertSummary } from './state.ts';
import type { StepOp } from './step.ts';
import type { SagaRun } from './workflow/run.ts';

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
  duration.safeParse(workflowInfo().memo?.[alertAfterKey]).data ?? defaultAlertAfter;

/** A separate workflow: the saga does not wait for the delivery, and its end does not stop it. */
export async function alert(content: Alert, id: string): Promise<void> {
  const { pushAlert } = proxyActivities<AlertActivities>({
    summary: content.error,
    startToCloseTimeout: '10 seconds',
    retry: { maximumInterval: '1 minute' },
  });
  await pushAlert(content, id);
}

/** The alerts of one run. */
export class Alerts {
  readonly #run: Pick<SagaRun, 'id' | 'plan' | 'data' | 'note'>;
  readonly #raised: Promise<unknown>[] = [];

  constructor(run: Pick<SagaRun, 'id' | 'plan' | 'data' | 'note'>) {
    this.#run = run;
  }

  /** Alerts once per `key`, without waiting for the delivery. */
  raise(key: string, { step, op, message, at }: Pick<SagaError, 'step' | 'op' | 'message' | 'at'>) {
    const { id, plan, data } = this.#run;
    if (data.alerted.includes(key)) return;
    data.alerted.push(key);
    this.#run.note({ event: 'alert', step, op, error: message });
    const content = { saga_id: id, type: plan.type, step, op, error: message, since: at };
    // A cancel of the saga does not cancel the alert.
    this.#raised.push(CancellationScope.nonCancellable(() => raiseAlert(key, content)));
  }

  /** Resolves when the end of this workflow loses no alert. */
  async allRaised() {
    if (this.#raised.length === 0) return;
    await CancellationScope.nonCancellable(() => Promise.all(this.#raised));
  }
}

/** Resolves when the alert can no longer be lost. */
async function raiseAlert(key: string, content: Alert): Promise<void> {
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
