import { z } from 'zod';
import { defineSaga } from '../../../src/saga/define-saga.ts';
import { contractsOf } from './steps.ts';

/** A contender's saga. Its type, service and task queues have the contender's name. */
export function fourStepSaga(name: string) {
  const { registerCustomer, submitApplication, bookLoan, disburseFunds } = contractsOf(name);
  return defineSaga({
    type: name,
    input: z.object({ amount: z.int(), refused: z.boolean(), deadline: z.string().optional() }),
    steps: [registerCustomer, submitApplication, bookLoan, disburseFunds],
    async run(saga, { amount, refused }) {
      await saga.step(registerCustomer, { amount, refused: false });
      await saga.step(submitApplication, { amount, refused: false });
      await saga.step(bookLoan, { amount, refused: false });
      return saga.step(disburseFunds, { amount, refused });
    },
  });
}
