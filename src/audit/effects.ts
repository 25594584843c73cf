import { getTableName, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { sagaStep } from '../guard/schema.ts';
import { serviceNames } from '../service-names.ts';
import * as customers from '../services/customer/schema.ts';
import * as deliveries from '../services/delivery/schema.ts';
import * as loans from '../services/loan/schema.ts';
import * as mortgages from '../services/mortgage/schema.ts';
import * as orders from '../services/order/schema.ts';
import * as payments from '../services/payment/schema.ts';
import * as products from '../services/product/schema.ts';
import type { Check, Databases } from './check.ts';

/** The tables that each step inserts into. Omits steps without inserts. */
export const effectsOf: Record<keyof Databases, Record<string, PgTable[]>> = {
  customer: {
    'register-customer': [customers.customerClaim],
    'claim-customer': [customers.customerClaim],
    'create-customer': [customers.customer],
  },
  mortgage: {
    'submit-application': [mortgages.application],
    'create-application': [mortgages.application],
  },
  loan: {
    'book-loan': [loans.loan],
    'create-loan': [loans.loan],
    'disburse-funds': [loans.ledgerEntry],
    'capture-payment': [loans.payment, loans.ledgerEntry],
    'allocate-payment': [loans.ledgerEntry],
  },
  product: {
    'create-product': [products.product],
    'reserve-inventory': [products.reservation],
  },
  order: { 'create-order': [orders.order, orders.orderItem] },
  payment: { 'create-payment': [payments.payment, payments.ledgerEntry] },
  delivery: { 'create-delivery': [deliveries.delivery] },
};

export const stepsHaveEffects: Check = {
  name: 'every step that was done and not undone has its effect',
  async findings(databases) {
    const found: string[] = [];
    for (const service of serviceNames)
      for (const [step, tables] of Object.entries(effectsOf[service]))
        for (const table of tables) {
          const rows = await databases[service].query.execute(sql`
            select saga_id, generation from ${sagaStep} done
            where split_part(step, '#', 1) = ${step} and op = 'do' and written_by = 'do'
              and not exists (select from ${sagaStep} undone where op = 'undo' and undone.saga_id = done.saga_id
                and undone.step = done.step and undone.generation = done.generation)
              and not exists (select from ${table} effect where effect.saga_id = done.saga_id
                and effect.saga_step = done.step and effect.saga_generation = done.generation)`);
          found.push(
            ...rows.map((row) => `${step} of ${row['saga_id']} has left nothing in ${getTableName(table)}`),
          );
        }
    return found;
  },
};
