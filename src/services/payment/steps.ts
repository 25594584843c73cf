import { z } from 'zod';
import { positiveMoney } from '../../money/money.ts';
import { defineStep } from '../../saga/step.ts';

const paymentId = z.object({ payment_id: z.guid() });

export const createPayment = defineStep({
  name: 'create-payment',
  service: 'payment',
  summary: 'Take the payment: a double entry',
  input: paymentId.extend({
    account_id: z.guid().optional(),
    amount: positiveMoney,
    currency_code: z.string(),
  }),
  result: paymentId,
  compensation: 'refund it',
  events: { done: 'payment.processed', refused: 'payment.failed', undone: 'payment.refunded' },
});
