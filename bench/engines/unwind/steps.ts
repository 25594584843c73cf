import { z } from 'zod';
import { defineStep } from '../../../src/saga/step.ts';
import type { StepName } from '../../four-steps.ts';

const row = z.object({ amount: z.int() });

/** The four steps of one service. Each contender has a service of the same name. */
export function contractsOf(service: string) {
  const step = (name: StepName, summary: string, compensation: string) =>
    defineStep({
      name,
      service,
      summary,
      input: row.extend({ refused: z.boolean() }),
      result: row,
      compensation,
    });
  return {
    registerCustomer: step('register-customer', 'Register the customer', 'remove the customer'),
    submitApplication: step('submit-application', 'Submit the application', 'withdraw the application'),
    bookLoan: step('book-loan', 'Book the loan', 'cancel the loan'),
    disburseFunds: step('disburse-funds', 'Pay out', 'claim it back'),
  };
}
