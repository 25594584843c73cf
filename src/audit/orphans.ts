import { and, asc, eq, gt, inArray, isNull, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../guard/database.ts';
import { arrayOf, isAmong } from '../guard/is-among.ts';
import { sagaStep } from '../guard/schema.ts';
import { customer, customerClaim } from '../services/customer/schema.ts';
import { loan } from '../services/loan/schema.ts';
import { application } from '../services/mortgage/schema.ts';
import type { Check } from './check.ts';
import { pageSize, pages } from './pages.ts';

/** A client may withdraw an approved application. */
const stands = ['approved', 'closed', 'withdrawn'] as const;

/** Per saga, the id its step created; omits rows missing but not undone, or present but undone. */
async function leftBy(
  { query }: Database,
  sagas: string[],
  { steps, field, table, so = sql`true` }: { steps: string[]; field: string; table: PgTable; so?: SQL },
): Promise<Map<string, string>> {
  const rows = await query.execute<{ saga: string; id: string }>(sql`
    select done.saga_id as saga, done.result ->> ${field} as id from ${sagaStep} done
    left join ${table} kept on kept.id = (done.result ->> ${field})::uuid and ${so}
    where done.saga_id in ${sagas} and done.step in ${steps} and done.op = 'do' and done.written_by = 'do'
      and (kept.id is null) = exists (select from ${sagaStep} undone where undone.op = 'undo'
        and undone.saga_id = done.saga_id and undone.step = done.step and undone.generation = done.generation)
    order by done.generation`);
  return new Map(rows.map(({ saga, id }) => [saga, id]));
}

/** The loans whose customer and mortgage were set by a PUT. */
async function namedByPut({ query }: Database, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await query.execute<{ id: string }>(sql`
    select id from ${loan} where ${isAmong(loan.id, ids)} and exists (select from ${sagaStep} where step = 'update-loan'
      and result ->> 'id' = ${loan.id}::text and result ->> 'customer_id' = ${loan.customerId}::text
      and result ->> 'mortgage_id' = ${loan.mortgageId}::text)`);
  return new Set(rows.map(({ id }) => id));
}

/** The loans whose saga submitted no application, and whose mortgage stands all the same. */
async function onOthers(
  { query }: Database,
  loans: { id: string; saga: string; mortgageId: string }[],
): Promise<Set<string>> {
  if (loans.length === 0) return new Set();
  const ids = arrayOf(
    loan.id,
    loans.map(({ id }) => id),
  );
  const sagas = arrayOf(
    loan.sagaId,
    loans.map(({ saga }) => saga),
  );
  const mortgages = arrayOf(
    loan.mortgageId,
    loans.map(({ mortgageId }) => mortgageId),
  );
  const rows = await query.execute<{ id: string }>(sql`
    select lent.id from unnest(${ids}, ${sagas}, ${mortgages}) lent (id, saga, mortgage)
    join ${application} kept on kept.id = lent.mortgage and kept.status in ${stands}
    where not exists (select from ${sagaStep} own where own.saga_id = lent.saga and own.step = 'submit-application')
      and not exists (select from ${sagaStep} undone where undone.op = 'undo' and undone.saga_id = kept.saga_id
        and undone.step = kept.saga_step and undone.generation = kept.saga_generation)`);
  return new Set(rows.map(({ id }) => id));
}

/** Only unheld rows of sagas: clients may name ids that do not exist, and a running saga is not finished. */
export const loansHaveOwners: Check = {
  name: 'every loan of a saga has its customer and its mortgage',
  async findings({ customer: customers, mortgage, loan: loans }) {
    const found: string[] = [];
    const page = (after: string | undefined) =>
      loans.query
        .select({
          id: loan.id,
          saga: sql<string>`${loan.sagaId}`,
          mortgageId: loan.mortgageId,
          customerId: loan.customerId,
        })
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
      const sagas = rows.map(({ saga }) => saga);
      const mortgages = await leftBy(mortgage, sagas, {
        steps: ['submit-application'],
        field: 'application_id',
        table: application,
        so: sql`kept.status in ${stands}`,
      });
      const owners = await leftBy(customers, sagas, {
        steps: ['register-customer', 'claim-customer'],
        field: 'customer_id',
        table: customer,
      });
      const others = rows.filter(
        ({ saga, mortgageId, customerId }) =>
          mortgages.get(saga) !== mortgageId || owners.get(saga) !== customerId,
      );
      const put = await namedByPut(
        loans,
        others.map(({ id }) => id),
      );
      const known = await onOthers(mortgage, others);
      for (const { id, saga, mortgageId, customerId } of others) {
        const has = (left: string | undefined, named: string) =>
          left === named || (left !== undefined && put.has(id));
        if (!known.has(id) && !has(mortgages.get(saga), mortgageId))
          found.push(`loan ${id} has no approved mortgage ${mortgageId}`);
        if (!has(owners.get(saga), customerId)) found.push(`loan ${id} has no customer ${customerId}`);
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
        .select({ id: application.id, saga: sql<string>`${application.sagaId}` })
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
      const booked = await leftBy(
        loans,
        rows.map(({ saga }) => saga),
        { steps: ['book-loan'], field: 'loan_id', table: loan, so: sql`kept.deleted_at is null` },
      );
      const without = rows.filter(({ saga }) => !booked.has(saga)).map(({ id }) => id);
      const byHand = await loans.query
        .select({ id: loan.mortgageId })
        .from(loan)
        .where(
          and(
            isAmong(loan.mortgageId, without),
            inArray(loan.status, ['booked', 'active', 'defaulted', 'paid_off']),
            isNull(loan.deletedAt),
          ),
        );
      const known = new Set(byHand.map(({ id }) => id));
      found.push(
        ...without.filter((id) => !known.has(id)).map((id) => `mortgage ${id} is approved and has no loan`),
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
