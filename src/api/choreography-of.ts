import { startPurchase } from '../choreography/start-purchase.ts';
import { maxMoney } from '../money/money.ts';
import { milliseconds } from '../saga/duration.ts';
import { quoteItems } from '../services/product/quote-items.ts';
import { purchaseStart } from '../workflows/contracts.ts';
import { Problem } from './problem.ts';
import { askDatabase, type Services } from './services.ts';

/**
 * How a saga begins that is to be choreographed; undefined for one that a workflow directs. Throws the 404 where there
 * is no such product, since only the order that begins it knows prices.
 */
export async function choreographyOf({ shop, clock }: Services, type: string, json: unknown) {
  const input = type === 'purchase' ? purchaseStart.parse(json) : undefined;
  if (input?.mode !== 'choreographed' || !shop) return undefined;
  const { items, total, unknown } = await askDatabase(() => quoteItems(shop.product, input.purchase_items));
  if (unknown !== undefined) throw new Problem(404, `there is no product ${unknown}`);
  if (total > maxMoney) throw tooMuch();
  const deadline = input.deadline ? new Date(clock().getTime() + milliseconds(input.deadline)) : null;
  return (sagaId: string) => startPurchase(shop.order, { sagaId, input, quote: { items, total }, deadline });
}

function tooMuch(): Problem {
  const detail = 'come to more than 1000000000000.00: buy less at once';
  const errors = [{ pointer: '/purchase_items', detail }];
  return new Problem(422, `purchase_items ${detail}`, { errors });
}
