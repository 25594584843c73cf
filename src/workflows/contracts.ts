import { z } from 'zod';
import { money, positiveMoney } from '../money/money.ts';
import { ratePercent } from '../money/rate.ts';
import { duration } from '../saga/duration.ts';
import { plainText } from '../saga/text.ts';

/** What every saga accepts: when it must be done, counted from its start. */
const anySaga = { deadline: duration.optional() };

const newCustomer = z.strictObject({
  name: plainText(200),
  email: z.email('must be an e-mail address').max(254).pipe(plainText(254)),
});

export const originationInput = z
  .strictObject({
    ...anySaga,
    customer: newCustomer.optional(),
    customer_id: z.uuid('must be a UUID').optional(),
    loan_amount: positiveMoney,
    property_value: positiveMoney,
    interest_rate: ratePercent,
    term_years: z.int('must be a whole number').min(1, 'must be at least 1').max(40, 'must be at most 40'),
    annual_income: money.optional(),
    decision_timeout: duration.optional(),
  })
  .superRefine(({ customer, customer_id }, context) => {
    if ((customer === undefined) === (customer_id === undefined))
      context.addIssue({
        code: 'custom',
        path: ['customer'],
        message: 'is to be given, or customer_id in its place, and not both',
      });
  });

export interface OriginationResult {
  outcome: 'granted' | 'declined';
  reasons: string[];
  customer_id: string;
  application_id: string;
  loan_id: string | null;
  monthly_payment: number | string | null;
}

export const rehearsalInput = z.strictObject(anySaga);

/** The sagas that clients may start, by the type they name. */
export const sagaInputs = {
  'mortgage-origination': originationInput,
  rehearsal: rehearsalInput,
} as const;

/** The task queue on which all sagas' workflows run. */
export const sagaTaskQueue = 'sagas';
