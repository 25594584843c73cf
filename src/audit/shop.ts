import { and, asc, eq, gt, isNotNull, sql } from 'drizzle-orm';
import type { Database } from '../guard/database.ts';
import { isAmong } from '../guard/is-among.ts';
import { delivery } from '../services/delivery/schema.ts';
import { order } from '../services/order/schema.ts';
import { ledgerEntry, payment } from '../services/payment/schema.ts';
import { reservation } from '../services/product/schema.ts';
import type { Check } from './check.ts';
import { pageSize, pages } from './pages.ts';

/** Read before the other databases: what an ended order requires there is committed before it ends. */
const ordersIn = ({ query }: Database, status: 'completed' | 'cancelled') =>
  pages((after) =>
    query
      .select({ id: order.id })
      .from(order)
      .where(
        and(
          eq(order.status, status),
          isNotNull(order.sagaId),
          after === undefined ? undefined : gt(order.id, after),
        ),
      )
      .orderBy(asc(order.id))
      .limit(pageSize),
  );

async function paidOf({ query }: Database, ids: string[]): Promise<Set<string>> {
  const rows = await query
    .select({ id: payment.id })
    .from(payment)
    .where(and(isAmong(payment.id, ids), eq(payment.status, 'paid')));
  return new Set(rows.map(({ id }) => id));
}

async function reservedOf({ query }: Database, ids: string[]): Promise<Set<string | null>> {
  const rows = await query
    .selectDistinct({ sagaId: reservation.sagaId })
    .from(reservation)
    .where(isAmong(reservation.sagaId, ids));
  return new Set(rows.map(({ sagaId }) => sagaId));
}

export const completedOrdersArePaid: Check = {
  name: 'every order that is completed is paid, and its products are reserved',
  async findings(databases) {
    const found: string[] = [];
    for await (const rows of ordersIn(databases.order, 'completed')) {
      const ids = rows.map(({ id }) => id);
      const [paid, reserved] = await Promise.all([
        paidOf(databases.payment, ids),
        reservedOf(databases.product, ids),
      ]);
      for (const id of ids) {
        if (!paid.has(id)) found.push(`order ${id} is completed and not paid`);
        if (!reserved.has(id)) found.push(`order ${id} is completed and nothing is reserved for it`);
      }
    }
    return found;
  },
};

export const cancelledOrdersAreUndone: Check = {
  name: 'no order that is cancelled is paid or delivered',
  async findings(databases) {
    const found: string[] = [];
    for await (const rows of ordersIn(databases.order, 'cancelled')) {
      const ids = rows.map(({ id }) => id);
      const paid = await paidOf(databases.payment, ids);
      const scheduled = await databases.delivery.query
        .select({ id: delivery.orderId })
        .from(delivery)
        .where(and(isAmong(delivery.orderId, ids), eq(delivery.status, 'scheduled')));
      found.push(
        ...[...paid].map(
          (id) => `order ${id} is cancelled and paid: not refunded, unless its saga is parked and still will`,
        ),
        ...scheduled.map(({ id }) => `order ${id} is cancelled and will be delivered`),
      );
    }
    return found;
  },
};

export const purchasesMatchLedger: Check = {
  name: 'every payment of a purchase is in the ledger as it says',
  async findings({ payment: { query } }) {
    const rows = await query.execute(sql`
      select payment.id, status from ${payment} left join (
        select payment_id, sum(amount) as cash from ${ledgerEntry} where account = 'cash' group by 1) posted
        on posted.payment_id = payment.id
      where coalesce(cash, 0) <> case status when 'paid' then amount else 0 end`);
    return rows.map((row) => `purchase ${row['id']} is ${row['status']}, and its entries do not say so`);
  },
};
