import { defineSaga } from '../saga/define-saga.ts';
import * as loans from '../services/loan/steps.ts';
import { closeMortgage } from '../services/mortgage/steps.ts';
import { loanPaymentInput, type PaymentResult } from './inputs.ts';

/** A payment on a loan. The payment that settles it closes the loan and its mortgage. */
export const loanPayment = defineSaga({
  type: 'loan-payment',
  input: loanPaymentInput,
  steps: [loans.capturePayment, loans.allocatePayment, loans.closeLoan, closeMortgage],

  async run(saga, input): Promise<PaymentResult> {
    const { deadline, principal_amount, interest_amount, payment_type = 'regular', ...payment } = input;
    const { payment_id } = await saga.step(loans.capturePayment, { ...payment, payment_type });
    const allocated = await saga.step(loans.allocatePayment, {
      payment_id,
      principal_amount,
      interest_amount,
    });
    const { loan_id, mortgage_id, ...result } = allocated;
    if (Number(result.outstanding_balance) === 0) {
      const { was } = await saga.step(loans.closeLoan, { loan_id });
      if (was !== 'owing') await saga.step(closeMortgage, { mortgage_id });
    }
    return result;
  },
});
