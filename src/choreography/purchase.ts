import { z } from 'zod';
import type { Step } from '../guard/implement.ts';
import { positiveMoney } from '../money/money.ts';
import type { StepOp } from '../saga/step.ts';
import { createDelivery } from '../services/delivery/create-delivery.ts';
import { completeOrder } from '../services/order/complete-order.ts';
import { createOrder } from '../services/order/create-order.ts';
import { createPayment } from '../services/payment/create-payment.ts';
import { reserveInventory } from '../services/product/reserve-inventory.ts';

/** What the events of a choreographed purchase carry along. */
export const purchaseContext = z.object({
  input: z.looseObject({
    purchase_items: z.array(z.object({ product_id: z.string(), amount: z.int() })),
    payment: z.object({ currency_code: z.string() }),
    account_id: z.string().optional(),
  }),
  total: positiveMoney,
  /** After which no step before the order's completion is begun: RFC 3339, UTC. */
  deadline: z.string().nullable(),
});
export type PurchaseContext = z.output<typeof purchaseContext>;

/** What a service does when it hears of an event. */
export interface Reaction {
  op: StepOp;
  step: Step;
  /** JSON; none for an undo. */
  input(sagaId: string, context: PurchaseContext): unknown;
}

const act = (step: Step, input: Reaction['input']): Reaction => ({ op: 'do', step, input });
const undo = (step: Step): Reaction => ({ op: 'undo', step, input: () => undefined });

/** The purchase without anybody who directs it. Its first event is said by `startPurchase`. */
const reactions: Record<string, Reaction | 'the end'> = {
  'order.created': act(createPayment, (sagaId, { input, total }) => ({
    payment_id: sagaId,
    account_id: input.account_id,
    amount: z.encode(positiveMoney, total),
    currency_code: input.payment.currency_code,
  })),
  'payment.processed': act(reserveInventory, (_, { input }) => ({ purchase_items: input.purchase_items })),
  'inventory.reserved': act(completeOrder, (sagaId) => ({ order_id: sagaId })),
  'order.completed': act(createDelivery, (sagaId) => ({ order_id: sagaId })),

  'inventory.failed': undo(createPayment),
  'payment.refunded': undo(createOrder),
  'payment.failed': undo(createOrder),

  'delivery.scheduled': 'the end',
  'order.cancelled': 'the end',
};

/** Whether this version knows how a purchase goes on from the event. */
export const isKnown = (eventType: string): boolean => reactions[eventType] !== undefined;

/** Undefined where the purchase has ended with the event, or this version does not know it. */
export function followsFrom(eventType: string): Reaction | undefined {
  const reaction = reactions[eventType];
  return reaction === 'the end' ? undefined : reaction;
}

/** Undefined where the purchase has ended with the event. Throws where this version does not know it. */
export function reactionTo(eventType: string): Reaction | undefined {
  if (!isKnown(eventType)) throw new Error(`nobody knows what follows from ${eventType}`);
  return followsFrom(eventType);
}

/** The types of the events to which each service reacts, of those that another one says. */
export function typesByReactingService(speaker: string): Map<string, string[]> {
  const said = new Set(
    steps
      .filter(({ contract }) => contract.service === speaker)
      .flatMap(({ contract: { events } }) => [events.done, events.refused, events.undone]),
  );
  const types = new Map<string, string[]>();
  for (const [type, reaction] of Object.entries(reactions)) {
    if (reaction === 'the end' || !said.has(type)) continue;
    const { service } = reaction.step.contract;
    types.set(service, [...(types.get(service) ?? []), type]);
  }
  return types;
}

/** In the order in which they happen: their index is their position for the guard. */
const steps: Step[] = [createOrder, createPayment, reserveInventory, completeOrder, createDelivery];

export const positionOf = (step: Step) => steps.indexOf(step);

export const takesPart = (name: string) => steps.some(({ contract }) => contract.name === name);
