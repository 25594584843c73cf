import { ApplicationFailure } from '@temporalio/common';
import type { Effects } from '../../effects.ts';
import { type FourSteps, isRefused, refusal, type StepName } from '../../four-steps.ts';

export type Activities = ReturnType<typeof createActivities>;

export function createActivities({ apply, reverse }: Effects) {
  const done = (step: StepName) => async (saga: FourSteps) => {
    if (isRefused(saga, step)) throw ApplicationFailure.nonRetryable(refusal, 'refused');
    await apply(saga.id, step);
  };
  const undone =
    (step: StepName) =>
    ({ id }: FourSteps) =>
      reverse(id, step);
  return {
    registerCustomer: done('register-customer'),
    submitApplication: done('submit-application'),
    bookLoan: done('book-loan'),
    disburseFunds: done('disburse-funds'),
    removeCustomer: undone('register-customer'),
    withdrawApplication: undone('submit-application'),
    cancelLoan: undone('book-loan'),
  };
}
