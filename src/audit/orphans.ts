import { and, asc, eq, gt, inArray, isNull, sql } from 'drizzle-orm';
import { sagaStep } from '../guard/schema.ts';
import { customer, customerClaim } from '../services/customer/schema.ts';
import { loan } from '../services/loan/schema.ts';
import { application } from '../services/mortgage/schema.ts';
import type { Check } from './check.ts';
import { pageSize, pages } from './pages.ts';

/** Rows that no saga wrote may name what exists nowhere; what a saga holds is on its way. */
export const loansHaveOwners: Check = {
  name: 'every loan of a saga has its customer and its mortgage',
  async findings({ customer: customers, mortgage, loan: loans }) {
    const found: string[] = [];
    const page = (after: string | undefined) =>
      loans.query
        .select({ id: loan.id, mortgageId: loan.mortgageId, customerId: loan.customerId })
        .from(loan)
        .where(
          and(
            eq(loan.sagaStep, 'book-loan'),
            inArray(loan.status, ['active', 'defaulted', 'paid_off']),
            isNull(loan.heldBy),
            isNull(loan.deletedAt),
            after === undefined ? undefined : gt(loan.id, after),
          ),
        )
        .orderBy(asc(loan.id))
        .limit(pageSize);
    for await (const rows of pages(page)) {
      const mortgages = await mortgage.query
        .select({ id: application.id })
        .from(application)
        .where(
          and(
            inArray(
              application.id,
              rows.map((row) => row.mortgageId),
            ),
            inArray(application.status, ['approved', 'closed']),
          ),
        );
      const owners = await customers.query
        .select({ id: customer.id })
        .from(customer)
        .where(
          inArray(
            customer.id,
            rows.map((row) => row.customerId),
          ),
        );
      const known = new Set([...mortgages, ...owners].map(({ id }) => id));
      for (const { id, mortgageId, customerId } of rows) {
        if (!known.has(mortgageId)) found.push(`loan ${id} has no approved mortgage ${mortgageId}`);
        if (!known.has(customerId)) found.push(`loan ${id} has no customer ${customerId}`);
      }
    }
    return found;
  },
};

export const mortgagesHaveLoans: Check = {
  name: 'every mortgage that a saga approved has its loan',
  async findings({ mortgage, loan: loans }) {
    const found: string[] = [];
    const page = (after: string | undefined) =>
      mortgage.query
        .select({ id: application.id })
        .from(application)
        .where(
          and(
            eq(application.sagaStep, 'submit-application'),
            inArray(application.status, ['approved', 'closed']),
            isNull(application.heldBy),
            after === undefined ? undefined : gt(application.id, after),
          ),
        )
        .orderBy(asc(application.id))
        .limit(pageSize);
    for await (const rows of pages(page)) {
      const ids = rows.map(({ id }) => id);
      const booked = await loans.query
        .select({ mortgageId: loan.mortgageId })
        .from(loan)
        .where(
          and(
            inArray(loan.mortgageId, ids),
            inArray(loan.status, ['booked', 'active', 'defaulted', 'paid_off']),
            isNull(loan.deletedAt),
          ),
        );
      const known = new Set(booked.map(({ mortgageId }) => mortgageId));
      found.push(
        ...ids.filter((id) => !known.has(id)).map((id) => `mortgage ${id} is approved and has no loan`),
      );
    }
    return found;
  },
};

export const customersAreWanted: Check = {
  name: 'no customer is left of a saga that was undone',
  async findings({ customer: { query } }) {
    const undone = query
      .select({ one: sql`1` })
      .from(sagaStep)
      .where(
        and(
          eq(sagaStep.sagaId, customer.sagaId),
          eq(sagaStep.step, customer.sagaStep),
          eq(sagaStep.op, 'undo'),
          sql`${sagaStep.result} = '"undone"'::jsonb`,
        ),
      );
    const claimed = query
      .select({ one: sql`1` })
      .from(customerClaim)
      .where(eq(customerClaim.customerId, customer.id));
    const rows = await query
      .select({ id: customer.id })
      .from(customer)
      .where(
        and(eq(customer.sagaStep, 'register-customer'), sql`exists ${undone}`, sql`not exists ${claimed}`),
      );
    return rows.map(({ id }) => `customer ${id} was registered by a saga that was undone`);
  },
};
