import type { temporal } from '@temporalio/proto';
import type { SagaError } from '../errors.ts';
import type { HistoryEvent } from '../history-event.ts';
import { cancelledFailure, compensatedFailure, failedFailure, type SagaState } from '../state.ts';

/** How a workflow has closed. `error`: it did not close as a saga does. */
export interface End {
  state: SagaState;
  error?: Pick<SagaError, 'type' | 'message'>;
  result?: temporal.api.common.v1.IPayloads | null | undefined;
}

/** A failure of another type is a defect and an error. */
const endStates = new Map<string, SagaState>([
  [compensatedFailure, 'compensated'],
  [cancelledFailure, 'cancelled'],
  [failedFailure, 'failed'],
]);

/** How the workflow closed, if the event closes it. */
export function endOf(event: HistoryEvent): End | undefined {
  const completed = event.workflowExecutionCompletedEventAttributes;
  if (completed) return { state: 'completed', result: completed.result };
  if (event.workflowExecutionCanceledEventAttributes) return { state: 'cancelled' };

  const failure = event.workflowExecutionFailedEventAttributes?.failure;
  if (failure) {
    const state = endStates.get(failure.applicationFailureInfo?.type ?? '');
    return state ? { state } : { state: 'failed', error: error('failed', failure.message) };
  }
  const terminated = event.workflowExecutionTerminatedEventAttributes;
  if (terminated) return { state: 'parked', error: error('terminated', terminated.reason) };
  if (event.workflowExecutionTimedOutEventAttributes)
    return { state: 'parked', error: error('timed-out', 'the workflow timed out') };
  return undefined;
}

const error = (type: SagaError['type'], message: string | null | undefined) => ({
  type,
  message: message || type,
});
