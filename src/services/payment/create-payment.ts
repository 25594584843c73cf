import { and, eq, sql } from 'drizzle-orm';
import type { Transaction } from '../../guard/database.ts';
import { implement, type Stamp } from '../../guard/implement.ts';
import { CannotUndo, refuse } from '../../saga/errors.ts';
import { ledgerEntry, payment } from './schema.ts';
import * as steps from './steps.ts';

/** Cents. */
const mostThatAnybodyHas = 1_000_000n;

export const createPayment = implement(steps.createPayment, {
  async do(tx, { payment_id, account_id, amount, currency_code }, stamp) {
    if (amount > mostThatAnybodyHas) refuse('insufficient funds');
    await tx.insert(payment).values({
      id: payment_id,
      accountId: account_id ?? null,
      currencyCode: currency_code,
      amount,
      ...stamp,
    });
    await post(tx, payment_id, amount, stamp);
    return { payment_id };
  },

  async undo(tx, { payment_id }, stamp) {
    const [refunded] = await tx
      .update(payment)
      .set({ status: 'refunded', modifiedAt: sql`now()` })
      .where(and(eq(payment.id, payment_id), eq(payment.status, 'paid')))
      .returning({ amount: payment.amount });
    if (!refunded) throw new CannotUndo('the payment is not paid');
    await post(tx, payment_id, -refunded.amount, stamp);
  },
});

async function post(tx: Transaction, paymentId: string, amount: bigint, stamp: Stamp) {
  await tx.insert(ledgerEntry).values([
    { paymentId, account: 'cash', amount, leg: 1, ...stamp },
    { paymentId, account: 'sales', amount: -amount, leg: 2, ...stamp },
  ]);
}
