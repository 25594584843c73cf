import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { asNumber } from '../../money/decimal.ts';
import { money } from '../../money/money.ts';
import { payment } from './schema.ts';

export const purchasePaymentRow = z
  .object({
    id: z.guid(),
    currency_code: z.string(),
    amount: asNumber(money),
    status: z.enum(payment.status.enumValues),
  })
  .meta({ id: 'ShopPayment' });

/** Undefined if the account has no such payment. */
export async function findPayment({ query }: Database, id: string, accountId: string) {
  const [found] = await query
    .select({
      id: payment.id,
      currency_code: payment.currencyCode,
      amount: payment.amount,
      status: payment.status,
    })
    .from(payment)
    .where(and(eq(payment.id, id), eq(payment.accountId, accountId)));
  return found && z.encode(purchasePaymentRow, found);
}
