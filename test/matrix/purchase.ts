import { purchase as saga } from '../../src/workflows/purchase.ts';
import type { System } from '../support/system.ts';
import type { SagaFacts } from './sagas.ts';

const stock = 10;
const price = 12.5;
const wanted = 3;

/** A product of its own for each case, in two lines of the basket. */
async function insertProduct({ sql }: System): Promise<string> {
  const id = crypto.randomUUID();
  await sql.product`
    insert into product (id, name, description, brand_name, price, inventory)
    values (${id}, 'pen', 'writes', 'quill', ${price * 100}, ${stock})`;
  return id;
}

interface Rows {
  inventory: number;
  reserved: number;
  order: string | undefined;
  payment: string | undefined;
  entries: number[];
  delivery: string | undefined;
}

const total = price * wanted;

/** What each step makes of the rows, and its compensation. */
const changes: Record<string, (rows: Rows) => Partial<Rows>> = {
  'do reserve-inventory': () => ({ inventory: stock - wanted, reserved: wanted }),
  'undo reserve-inventory': () => ({ inventory: stock, reserved: 0 }),
  'do create-order': () => ({ order: 'created' }),
  'undo create-order': () => ({ order: 'cancelled' }),
  'do create-payment': () => ({ payment: 'paid', entries: [total, -total] }),
  'undo create-payment': ({ entries }) => ({ payment: 'refunded', entries: [...entries, -total, total] }),
  'do create-delivery': () => ({ delivery: 'scheduled' }),
  'undo create-delivery': () => ({ delivery: 'cancelled' }),
  'do complete-order': () => ({ order: 'completed' }),
};

export const purchaseFacts: SagaFacts = {
  steps: saga.definition.steps,
  ways: [
    {
      name: 'a purchase',
      steps: ['reserve-inventory', 'create-order', 'create-payment', 'create-delivery', 'complete-order'],
      async input(system) {
        const product_id = await insertProduct(system);
        const lines = [1, wanted - 1].map((amount) => ({ product_id, amount }));
        return { purchase_items: lines, payment: { currency_code: 'NT' } };
      },
      result: {},
    },
  ],
  undoNeeds: {},

  left(effects) {
    const rows: Rows = {
      inventory: stock,
      reserved: 0,
      order: undefined,
      payment: undefined,
      entries: [],
      delivery: undefined,
    };
    for (const { step, reversed } of effects) {
      const change = changes[`${reversed ? 'undo' : 'do'} ${step}`];
      if (!change) throw new Error(`say what ${step} leaves in test/matrix/purchase.ts`);
      Object.assign(rows, change(rows));
    }
    return rows;
  },

  async rows({ sql }, id, input) {
    const basket = input['purchase_items'];
    const [line] = Array.isArray(basket) ? basket : [];
    const [product] = await sql.product`select inventory::int from product where id = ${line.product_id}`;
    const [reservation] = await sql.product`
      select coalesce(sum(amount), 0)::int as amount from reservation where saga_id = ${id}`;
    const [order] = await sql.order`select status from "order" where id = ${id}`;
    const [payment] = await sql.payment`select status from payment where id = ${id}`;
    const entries = await sql.payment`
      select amount::int from ledger_entry where payment_id = ${id} order by id`;
    const [delivery] = await sql.delivery`select status from delivery where order_id = ${id}`;
    return {
      inventory: product?.['inventory'],
      reserved: reservation?.['amount'],
      order: order?.['status'],
      payment: payment?.['status'],
      entries: entries.map((row) => row['amount'] / 100),
      delivery: delivery?.['status'],
    };
  },
};
