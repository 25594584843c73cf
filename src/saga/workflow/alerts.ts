import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import type { Alert } from '../activities.ts';
import { alert } from '../alert.ts';
import { duration } from '../duration.ts';
import type { SagaError } from '../errors.ts';
import { alertAfterKey, alertId, alertSummary } from '../state.ts';
import type { SagaRun } from './run.ts';

const defaultAlertAfter = 'PT5M';

/** After how long something alerts, as the start recorded it: an ISO 8601 duration. */
export const alertAfterInMemo = (): string =>
  duration.safeParse(workflowInfo().memo?.[alertAfterKey]).data ?? defaultAlertAfter;

/** The alerts of one run. */
export class Alerts {
  readonly #run: Pick<SagaRun, 'id' | 'plan' | 'data' | 'note' | 'measure'>;
  readonly #raised: Promise<unknown>[] = [];

  constructor(run: Pick<SagaRun, 'id' | 'plan' | 'data' | 'note' | 'measure'>) {
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
    const raised = CancellationScope.nonCancellable(() => raiseAlert(key, content));
    this.#raised.push(raised.then(() => this.#run.measure()));
  }

  /** Resolves when the end of this workflow loses no alert. */
  async allRaised() {
    if (this.#raised.length === 0) return;
    await CancellationScope.nonCancellable(() => Promise.all(this.#raised));
  }
}

/**
 * Resolves when the alert can no longer be lost. Sends again what an earlier run, or the saga of this unwinder, has already
 * sent: that may have been settled since.
 */
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
