import { and, desc, eq, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { asNumber } from '../../money/decimal.ts';
import { money, positiveMoney } from '../../money/money.ts';
import { timestamp } from '../../money/timestamp.ts';
import { payment } from './schema.ts';

export const paymentRow = z
  .object({
    id: z.guid(),
    loan_id: z.guid(),
    customer_id: z.guid(),
    payment_amount: asNumber(positiveMoney),
    principal_amount: asNumber(money),
    interest_amount: asNumber(money),
    payment_date: timestamp,
    payment_type: z.enum(payment.paymentType.enumValues),
    created_at: timestamp,
    modified_at: timestamp,
  })
  .meta({ id: 'Payment' });

const columns = {
  id: payment.id,
  loan_id: payment.loanId,
  customer_id: payment.customerId,
  payment_amount: payment.paymentAmount,
  principal_amount: payment.principalAmount,
  interest_amount: payment.interestAmount,
  payment_date: payment.paymentDate,
  payment_type: payment.paymentType,
  created_at: payment.createdAt,
  modified_at: payment.modifiedAt,
};

export async function findPayment(database: Database, id: string) {
  const [found] = await select(database, eq(payment.id, id));
  return found;
}

/** The saga's payment on the loan, if it is allocated. */
export async function findPaymentOf(database: Database, sagaId: string, loanId: string) {
  const [found] = await select(database, and(eq(payment.loanId, loanId), eq(payment.sagaId, sagaId)));
  return found;
}

/** Whether the saga has taken a payment on the loan that is neither allocated nor refunded. */
export async function isTaken({ query }: Database, sagaId: string, loanId: string): Promise<boolean> {
  const [found] = await query
    .select({ id: payment.id })
    .from(payment)
    .where(and(eq(payment.loanId, loanId), eq(payment.sagaId, sagaId), eq(payment.status, 'captured')));
  return found !== undefined;
}

/** Latest payment date first. */
export const paymentsOnLoan = (database: Database, loanId: string) =>
  select(database, eq(payment.loanId, loanId));

/** Latest payment date first. */
export const paymentsOf = (database: Database, customerId: string) =>
  select(database, eq(payment.customerId, customerId));

async function select({ query }: Database, which: SQL | undefined) {
  const rows = await query
    .select(columns)
    .from(payment)
    .where(and(which, eq(payment.status, 'allocated')))
    .orderBy(desc(payment.paymentDate), desc(payment.createdAt), desc(payment.id));
  return rows.map((row) => z.encode(paymentRow, row));
}
