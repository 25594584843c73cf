import { z } from 'zod';
import type { Database } from '../guard/database.ts';
import { doStep } from '../guard/guard.ts';
import { positiveMoney } from '../money/money.ts';
import { StepError } from '../saga/errors.ts';
import { createOrder } from '../services/order/create-order.ts';
import type { quoteItems } from '../services/product/quote-items.ts';
import { positionOf, type purchaseContext } from './purchase.ts';

type Quote = Pick<Awaited<ReturnType<typeof quoteItems>>, 'items' | 'total'>;

interface Purchase {
  sagaId: string;
  /** The request: JSON. */
  input: z.input<typeof purchaseContext>['input'];
  quote: Quote;
  deadline: Date | null;
}

/** Creates the order, once. Its event starts the purchase. */
export async function startPurchase(
  orders: Database,
  { sagaId, input, quote, deadline }: Purchase,
): Promise<void> {
  const { contract } = createOrder;
  const order = { order_id: sagaId, account_id: input.account_id, purchased_items: quote.items };
  const call = {
    saga_id: sagaId,
    step: contract.name,
    generation: 1,
    position: positionOf(createOrder),
    input: z.encode(contract.input, order),
  };
  const context: z.input<typeof purchaseContext> = {
    input,
    total: z.encode(positiveMoney, quote.total),
    deadline: deadline?.toISOString() ?? null,
  };
  try {
    await doStep(orders, createOrder, call, { seq: 0, attempt: 1, context });
  } catch (error) {
    // It began before, with other prices, or has been undone.
    const hadBegun = error instanceof StepError && (error.type === 'conflict' || error.type === 'fenced');
    if (!hadBegun) throw error;
  }
}
