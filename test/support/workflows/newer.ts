import { defineSaga } from '../../../src/saga/define-saga.ts';
import { visitCustomer } from '../../../src/services/customer/steps.ts';
import { visitLoan } from '../../../src/services/loan/steps.ts';
import { rehearsalInput } from '../../../src/workflows/inputs.ts';
import { orderValuation } from './newer-steps.ts';

export { alert } from '../../../src/saga/alert.ts';
export { sweepLocks } from '../../../src/saga/lock-sweep.ts';
export { sweep } from '../../../src/saga/sweep.ts';

/** A saga of a newer version, which calls a step that the services do not have yet. */
export const rehearsal = defineSaga({
  type: 'rehearsal',
  input: rehearsalInput,
  steps: [visitCustomer, orderValuation, visitLoan],
  async run(saga) {
    await saga.step(visitCustomer, {});
    await saga.step(orderValuation, {});
    await saga.step(visitLoan, {});
    return {};
  },
});
