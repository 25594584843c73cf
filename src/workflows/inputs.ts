import { z } from 'zod';
import { money, positiveMoney } from '../money/money.ts';
import { orNull } from '../money/or-null.ts';
import { ratePercent } from '../money/rate.ts';
import { termYears } from '../money/term.ts';
import { timestamp } from '../money/timestamp.ts';
import { duration } from '../saga/duration.ts';
import { emailAddress, plainText } from '../saga/text.ts';

/** Fields of every saga. `deadline` counts from its start. */
const anySaga = { deadline: duration.optional() };

const newCustomer = z.strictObject({
  name: plainText(200),
  email: emailAddress,
});

export const originationInput = z
  .strictObject({
    ...anySaga,
    customer: newCustomer.optional(),
    customer_id: z.guid('must be a UUID').optional(),
    loan_amount: positiveMoney,
    property_value: positiveMoney,
    interest_rate: ratePercent,
    term_years: termYears,
    annual_income: money.optional(),
    decision_timeout: duration.optional(),
  })
  .superRefine(({ customer, customer_id }, context) => {
    if ((customer === undefined) === (customer_id === undefined))
      context.addIssue({
        code: 'custom',
        path: ['customer'],
        message: customer
          ? 'give customer or customer_id, not both'
          : 'is missing: give customer or customer_id',
      });
  })
  .meta({
    id: 'MortgageOrigination',
    description: 'With customer or customer_id, and not both.',
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

const payment = {
  loan_id: z.guid('must be a UUID'),
  customer_id: z.guid('must be a UUID').optional(),
  payment_amount: positiveMoney,
  payment_type: z.enum(['regular', 'extra', 'payoff']).optional(),
  payment_date: timestamp.optional(),
  principal_amount: money.optional(),
  interest_amount: money.optional(),
};

interface Split {
  payment_amount: bigint;
  principal_amount?: bigint | null | undefined;
  interest_amount?: bigint | null | undefined;
}

/** The given parts must add up to the payment, or not exceed it. */
function addsUp({ payment_amount, principal_amount, interest_amount }: Split, context: z.RefinementCtx) {
  const isWhole = typeof principal_amount === 'bigint' && typeof interest_amount === 'bigint';
  const sum = (principal_amount ?? 0n) + (interest_amount ?? 0n);
  if (isWhole ? sum === payment_amount : sum <= payment_amount) return;
  const field = typeof principal_amount === 'bigint' ? 'principal_amount' : 'interest_amount';
  const message = 'does not add up: principal_amount and interest_amount make up the payment_amount';
  context.addIssue({ code: 'custom', path: [field], message });
}

const paymentExample = { loan_id: '0190163d-8694-739b-aea5-966c26f8ad91', payment_amount: 2_176 };

export const loanPaymentInput = z
  .strictObject({ ...anySaga, ...payment })
  .superRefine(addsUp)
  .meta({ id: 'LoanPayment', example: paymentExample });

/** The same by REST, which ignores other fields and treats null as absent. */
export const paymentBody = z
  .object({
    loan_id: payment.loan_id,
    customer_id: orNull(payment.customer_id),
    payment_amount: payment.payment_amount,
    payment_type: orNull(payment.payment_type),
    payment_date: orNull(timestamp).optional(),
    principal_amount: orNull(money).optional(),
    interest_amount: orNull(money).optional(),
  })
  .superRefine(addsUp)
  .meta({ id: 'PaymentBody', example: paymentExample });

export interface PaymentResult {
  payment_id: string;
  principal_amount: number | string;
  interest_amount: number | string;
  outstanding_balance: number | string;
}

const purchaseLine = z.strictObject({
  product_id: z.guid('must be a UUID'),
  amount: z.int('must be a whole number').min(1, 'must be at least 1').max(1_000_000_000),
});

const linesOf = <Line extends z.ZodType>(line: Line) =>
  z.array(line).min(1, 'must name at least one product').max(100, 'must have at most 100 lines');

const purchase = {
  ...anySaga,
  purchase_items: linesOf(purchaseLine),
  payment: z.strictObject({
    currency_code: z.string().regex(/^[A-Za-z]{1,8}$/, 'must be 1 to 8 letters'),
  }),
  mode: z.enum(['orchestrated', 'choreographed']).optional().meta({
    description: 'Whether a workflow directs the purchase, or its services do by their events',
  }),
};

const purchaseExample = {
  purchase_items: [{ product_id: '0190163d-8694-739b-aea5-966c26f8ad91', amount: 1 }],
  payment: { currency_code: 'NT' },
};

const purchaseInput = z.strictObject(purchase).meta({
  id: 'Purchase',
  example: purchaseExample,
});

/** The same on the shop's path, which ignores other fields. */
export const purchaseBody = z
  .object({ purchase_items: linesOf(purchaseLine.strip()), payment: purchase.payment.strip() })
  .meta({ id: 'PurchaseBody', example: purchaseExample });

/** With the buyer's account, from the token. */
export const purchaseStart = z.strictObject({ ...purchase, account_id: z.guid().optional() });

export interface PurchaseResult {
  order_id: string;
  payment_id: string;
  delivery_id: string;
}

export const rehearsalInput = z.strictObject(anySaga).meta({ id: 'Rehearsal', example: {} });

/** The sagas that clients may start. */
export const sagaInputs = {
  'mortgage-origination': originationInput,
  'loan-payment': loanPaymentInput,
  purchase: purchaseInput,
  rehearsal: rehearsalInput,
} satisfies Record<string, z.ZodType>;

export type SagaTypeName = keyof typeof sagaInputs;
export const sagaTypes = z.object(sagaInputs).keyof().options;
