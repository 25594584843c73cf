import { activateLoan } from '../services/loan/activate-loan.ts';
import { allocatePayment } from '../services/loan/allocate-payment.ts';
import { bookLoan } from '../services/loan/book-loan.ts';
import { capturePayment } from '../services/loan/capture-payment.ts';
import { closeLoan } from '../services/loan/close-loan.ts';
import { disburseFunds } from '../services/loan/disburse-funds.ts';
import * as contracts from '../services/loan/steps.ts';
import { visitLoan } from '../services/loan/visit-loan.ts';
import { type StepEnvironment, stepActivities } from './step-activities.ts';

/** `lendingLimit` in cents. */
export const loanActivities = ({
  lendingLimit,
  ...environment
}: StepEnvironment & { lendingLimit: bigint }) =>
  stepActivities(
    contracts,
    {
      bookLoan: bookLoan(lendingLimit),
      disburseFunds,
      activateLoan,
      capturePayment,
      allocatePayment,
      closeLoan,
      visitLoan,
    },
    environment,
  );
