import { CancellationScope, CancelledFailure } from '@temporalio/workflow';
import { failureWithoutStack } from '../failure.ts';
import { cancelledFailure, compensatedFailure, failedFailure } from '../state.ts';
import { countEnded } from './count.ts';
import type { SagaRun } from './run.ts';

const failureTypes = {
  compensated: compensatedFailure,
  cancelled: cancelledFailure,
  failed: failedFailure,
} as const;

/** Lets the workflow complete. */
export async function endCompleted(run: SagaRun): Promise<void> {
  run.show('completed');
  countEnded(run.plan.type, 'completed');
  await run.alerts.allRaised();
}

/** Closes the workflow of a saga that has nothing left to undo. */
export async function endUnwound(run: SagaRun): Promise<never> {
  const { resolved, unwinding, errors } = run.data;
  const state = resolved ? 'failed' : unwinding?.cancelled ? 'cancelled' : 'compensated';
  run.show(state);
  countEnded(run.plan.type, state);
  await run.alerts.allRaised();
  // After continue-as-new a run does not know of the request, so it cannot close as Canceled.
  if (state === 'cancelled' && CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('cancelled on request, and unwound');
  const message = errors.execution.map((error) =>
    error.step ? `${error.step}: ${error.message}` : error.message,
  );
  throw failureWithoutStack({
    type: failureTypes[state],
    nonRetryable: true,
    message: message.join('; '),
    details: [errors],
  });
}
