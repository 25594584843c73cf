import { eq, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { Transaction } from '../../guard/database.ts';
import { implement } from '../../guard/implement.ts';
import { monthlyPayment } from '../../money/amortisation.ts';
import { formatCents } from '../../money/money.ts';
import { CannotUndo, refuse } from '../../saga/errors.ts';
import { releaseBooked } from './release-booked.ts';
import { valuesOf } from './resource.ts';
import { ledgerEntry, loan } from './schema.ts';
import * as steps from './steps.ts';

/** `lendingLimit`: a customer's maximum debt, in cents. */
export const bookLoan = (lendingLimit: bigint) =>
  implement(steps.bookLoan, {
    async do(tx, terms, stamp) {
      const { customer_id, loan_amount, interest_rate, term_years } = terms;
      const owed = (await debtOf(tx, customer_id)) + loan_amount;
      if (owed > lendingLimit)
        refuse(
          `the customer would owe ${formatCents(owed)}, above the lending limit of ${formatCents(lendingLimit)}`,
        );
      const payment = monthlyPayment({
        principal: loan_amount,
        rate: interest_rate,
        months: term_years * 12,
      });
      const id = uuidv7();
      await tx.insert(loan).values({
        id,
        ...valuesOf(terms),
        monthlyPayment: payment,
        status: 'booked',
        heldBy: stamp.sagaId,
        ...stamp,
      });
      return { loan_id: id, monthly_payment: payment };
    },

    async undo(tx, { loan_id }, { sagaId }) {
      const movements = await tx.$count(ledgerEntry, eq(ledgerEntry.loanId, loan_id));
      if (movements > 0) throw new CannotUndo('the loan is paid out: it cannot be cancelled');
      if (!(await releaseBooked(tx, loan_id, sagaId, { status: 'cancelled' })))
        throw new CannotUndo('the loan is not booked');
    },
  });

/** In cents: booked loans in full, paid-out ones by the ledger. The lock serialises a customer's bookings. */
async function debtOf(tx: Transaction, customerId: string): Promise<bigint> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${customerId}::uuid::text, 0))`);
  const [row] = await tx.execute<{ debt: string }>(sql`
    select coalesce(sum(case
      when ${loan.status} = 'booked' then ${loan.loanAmount}
      else ${loan.outstandingBalance}
    end), 0)::bigint as debt
    from ${loan} where ${loan.customerId} = ${customerId} and ${loan.status} <> 'cancelled'
      and ${loan.deletedAt} is null`);
  return BigInt(row?.debt ?? 0);
}
