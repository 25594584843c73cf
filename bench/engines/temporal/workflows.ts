import { ApplicationFailure, log, proxyActivities } from '@temporalio/workflow';
import type { FourSteps } from '../../four-steps.ts';
import type { Activities } from './activities.ts';

const activities = proxyActivities<Activities>({
  startToCloseTimeout: '5 seconds',
  retry: { initialInterval: '200 ms', maximumInterval: '10 seconds', maximumAttempts: 20 },
});

interface Compensation {
  message: string;
  fn: () => Promise<void>;
}

/** Written like the saga sample of temporalio/samples-typescript: a compensation is registered after its step. */
export async function plainSaga(saga: FourSteps): Promise<void> {
  const compensations: Compensation[] = [];
  try {
    await activities.registerCustomer(saga);
    compensations.unshift({ message: 'register-customer', fn: () => activities.removeCustomer(saga) });
    await activities.submitApplication(saga);
    compensations.unshift({ message: 'submit-application', fn: () => activities.withdrawApplication(saga) });
    await activities.bookLoan(saga);
    compensations.unshift({ message: 'book-loan', fn: () => activities.cancelLoan(saga) });
    await activities.disburseFunds(saga);
  } catch (error) {
    await compensate(compensations);
    throw ApplicationFailure.nonRetryable('compensated', 'compensated', error);
  }
}

async function compensate(compensations: Compensation[]) {
  for (const { message, fn } of compensations) {
    log.debug(message);
    await fn();
  }
}

/** The cost of a workflow without steps. */
export async function noop(): Promise<void> {}
