import { z } from 'zod';
import { money, positiveMoney } from '../money/money.ts';
import { ratePercent } from '../money/rate.ts';
import { duration } from '../saga/duration.ts';
import { plainText } from '../saga/text.ts';

/** What every saga accepts: when it must be done, counted from its start. */
const anySaga = { deadline: duration.optional() };

const newCustomer = z.strictObject({
  name: plainText(200),
  email: z.email('must be an e-mail address').max(254).meta({ pattern: z.regexes.email.source }),
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
  })
  .meta({
    id: 'MortgageOrigination',
    oneOf: [{ required: ['customer'] }, { required: ['customer_id'] }],
    example: {
      customer: { name: 'Grace Hopper', email: 'grace@example.com' },
      loan_amount: 300_000,
      property_value: 600_000,
      interest_rate: 4,
      term_years: 25,
      annual_income: 90_000,
    },
  });

export interface OriginationResult {
  outcome: 'granted' | 'declined';
  reasons: string[];
  customer_id: string;
  application_id: string;
  loan_id: string | null;
  monthly_payment: number | string | null;
}

export const rehearsalInput = z.strictObject(anySaga).meta({ id: 'Rehearsal', example: {} });

/** The sagas that clients may start. */
export const sagaTypes = ['mortgage-origination', 'rehearsal'] as const;
export type SagaTypeName = (typeof sagaTypes)[number];

export const sagaInputs = {
  'mortgage-origination': originationInput,
  rehearsal: rehearsalInput,
} satisfies Record<SagaTypeName, z.ZodType>;

/** The task queue on which all sagas' workflows run. */
export const sagaTaskQueue = 'sagas';
