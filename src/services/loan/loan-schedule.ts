import { and, eq, isNull } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { schedule } from '../../money/amortisation.ts';
import { asNumber } from '../../money/decimal.ts';
import { centsToNumber, money, wholeUnits } from '../../money/money.ts';
import { orNull } from '../../money/or-null.ts';
import { timestamp } from '../../money/timestamp.ts';
import { addMonths } from './months.ts';
import { loan } from './schema.ts';

export const instalmentRow = z
  .object({
    number: z.int(),
    due_date: orNull(timestamp),
    /** The last instalment can exceed the maximum of `money`. */
    payment_amount: wholeUnits,
    principal_amount: asNumber(money),
    interest_amount: asNumber(money),
    outstanding_balance: asNumber(money),
  })
  .meta({ id: 'Instalment' });

/** The loan's instalments as granted, the last one adjusted; undefined if there is no such loan. */
export async function loanSchedule({ query }: Database, id: string) {
  const [found] = await query
    .select()
    .from(loan)
    .where(and(eq(loan.id, id), isNull(loan.deletedAt)));
  if (!found) return undefined;
  const { loanAmount, interestRate, termYears, monthlyPayment, startDate } = found;
  const terms = { principal: loanAmount, rate: interestRate, months: termYears * 12 };
  return schedule(terms, monthlyPayment).map(({ number, payment, principal, interest, balance }) =>
    z.encode(instalmentRow, {
      number,
      due_date: startDate && addMonths(startDate, number),
      payment_amount: centsToNumber(payment),
      principal_amount: principal,
      interest_amount: interest,
      outstanding_balance: balance,
    }),
  );
}
