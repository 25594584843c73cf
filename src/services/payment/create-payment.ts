import { and, eq } from 'drizzle-orm';
import { implement } from '../../guard/implement.ts';
import { reverseEntries } from '../../guard/ledger.ts';
import { CannotUndo, refuse } from '../../saga/errors.ts';
import { ledgerEntry, payment } from './schema.ts';
import * as steps from './steps.ts';

/** Cents. */
const paymentLimit = 1_000_000n;

export const createPayment = implement(steps.createPayment, {
  async do(tx, { payment_id, account_id, amount, currency_code }, stamp) {
    if (amount > paymentLimit) refuse('insufficient funds');
    await tx.insert(payment).values({
      id: payment_id,
      accountId: account_id ?? null,
      currencyCode: currency_code,
      amount,
      ...stamp,
    });
    await tx.insert(ledgerEntry).values([
      { paymentId: payment_id, account: 'cash', amount, leg: 1, ...stamp },
      { paymentId: payment_id, account: 'sales', amount: -amount, leg: 2, ...stamp },
    ]);
    return { payment_id };
  },

  async undo(tx, { payment_id }, stamp) {
    const { count } = await tx
      .update(payment)
      .set({ status: 'refunded' })
      .where(and(eq(payment.id, payment_id), eq(payment.status, 'paid')));
    if (count !== 1) throw new CannotUndo('the payment is not paid');
    await reverseEntries(tx, ledgerEntry, ledgerEntry.paymentId, stamp);
  },
});
