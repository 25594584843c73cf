import { startPurchase } from '../../choreography/start-purchase.ts';
import { maxMoney } from '../../money/money.ts';
import { milliseconds } from '../../saga/duration.ts';
import { quoteItems } from '../../services/product/quote-items.ts';
import { purchaseStart } from '../../workflows/inputs.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { notFound, wrongField } from '../http/problem.ts';

/**
 * Starts a choreographed saga; undefined for an orchestrated one. Throws the 404 for an unknown product, because the order
 * that begins the saga needs its price.
 */
export async function startChoreography({ shop, clock }: ApiContext, type: string, json: unknown) {
  const input = type === 'purchase' ? purchaseStart.parse(json) : undefined;
  if (input?.mode !== 'choreographed' || !shop) return undefined;
  const { items, total, unknown } = await askDatabase(() => quoteItems(shop.product, input.purchase_items));
  if (unknown !== undefined) throw notFound('product', unknown);
  if (total > maxMoney)
    throw wrongField('purchase_items', 'come to more than 1000000000000.00: buy less at once');
  const deadline = input.deadline ? new Date(clock().getTime() + milliseconds(input.deadline)) : null;
  return (sagaId: string) => startPurchase(shop.order, { sagaId, input, quote: { items, total }, deadline });
}
