import { defineSaga } from '../saga/define-saga.ts';
import { visitCustomer } from '../services/customer/steps.ts';
import { visitLoan } from '../services/loan/steps.ts';
import { visitMortgage } from '../services/mortgage/steps.ts';
import { rehearsalInput } from './inputs.ts';

/** Visits every service without any effect: proves that all participants answer. */
export const rehearsal = defineSaga({
  type: 'rehearsal',
  input: rehearsalInput,
  steps: [visitCustomer, visitMortgage, visitLoan],

  async run(saga) {
    await saga.step(visitCustomer, {});
    await saga.step(visitMortgage, {});
    await saga.step(visitLoan, {});
    return {};
  },
});
