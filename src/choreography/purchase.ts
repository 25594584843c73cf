import { z } from 'zod';
import type { Step } from '../guard/implement.ts';
import { positiveMoney } from '../money/money.ts';
import type { StepOp } from '../saga/step.ts';
import { createDelivery } from '../services/delivery/create-delivery.ts';
import { completeOrder } from '../services/order/complete-order.ts';
import { createOrder } from '../services/order/create-order.ts';
import { createPayment } from '../services/payment/create-payment.ts';
import { reserveInventory } from '../services/product/reserve-inventory.ts';

/** Carried by all events of a choreographed purchase. */
export const purchaseContext = z.object({
  input: z.looseObject({
    purchase_items: z.array(z.object({ product_id: z.string(), amount: z.int() })),
    payment: z.object({ currency_code: z.string() }),
    account_id: z.string().optional(),
  }),
  total: positiveMoney,
  /** After it, payment and reservation are refused. RFC 3339, UTC. */
  deadline: z.string().nullable(),
});
export type PurchaseContext = z.output<typeof purchaseContext>;

/** A service's step or undo that follows an event. */
interface NextStep {
  op: StepOp;
  step: Step;
  /** JSON; undefined for an undo. */
  input(sagaId: string, context: PurchaseContext): unknown;
}

const act = (step: Step, input: NextStep['input']): NextStep => ({ op: 'do', step, input });
const undo = (step: Step): NextStep => ({ op: 'undo', step, input: () => undefined });

/** `startPurchase` publishes the first event. */
const nextSteps: Record<string, NextStep | 'the end'> = {
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

export const isKnown = (eventType: string): boolean => nextSteps[eventType] !== undefined;

/** Undefined if the event ends the purchase or is unknown to this version. */
export function nextStepAfter(eventType: string): NextStep | undefined {
  const next = nextSteps[eventType];
  return next === 'the end' ? undefined : next;
}

/** Undefined if the event ends the purchase. Throws if it is unknown to this version. */
export function knownNextStep(eventType: string): NextStep | undefined {
  if (!isKnown(eventType)) throw new Error(`unknown event ${eventType}`);
  return nextStepAfter(eventType);
}

/** By the service of the next step: the event types of `publisher` that it follows. */
export function typesByReactingService(publisher: string): Map<string, string[]> {
  const published = new Set(
    steps
      .filter(({ contract }) => contract.service === publisher)
      .flatMap(({ contract: { events } }) => [events.done, events.refused, events.undone]),
  );
  const types = new Map<string, string[]>();
  for (const [type, next] of Object.entries(nextSteps)) {
    if (next === 'the end' || !published.has(type)) continue;
    const { service } = next.step.contract;
    types.set(service, [...(types.get(service) ?? []), type]);
  }
  return types;
}

/** In order: the index is the guard's position. */
const steps: Step[] = [createOrder, createPayment, reserveInventory, completeOrder, createDelivery];

export const positionOf = (step: Step) => steps.indexOf(step);

export const takesPart = (name: string) => steps.some(({ contract }) => contract.name === name);
