import { defaultPayloadConverter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { z } from 'zod';
import { deliveryActivities } from '../../src/activities/delivery.ts';
import { orderActivities } from '../../src/activities/order.ts';
import { paymentActivities } from '../../src/activities/payment.ts';
import { productActivities } from '../../src/activities/product.ts';
import { openDatabase } from '../../src/guard/database.ts';
import type { Failpoints } from '../../src/guard/failpoints.ts';
import type { StepCall } from '../../src/saga/step.ts';
import type { System } from '../support/system.ts';

/** A command as it was sent to a service. */
export interface Command {
  /** `create-order`, `create-order:undo`, … */
  name: string;
  call: StepCall;
}

const stepCall = z.object({
  saga_id: z.guid(),
  step: z.string(),
  generation: z.int(),
  position: z.int(),
  input: z.unknown(),
});

/** All that a purchase has sent so far. */
export async function commandsOf({ handle }: System, id: string): Promise<Command[]> {
  const { events } = await handle('purchase', id).fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => {
    const [payload] = scheduled?.input?.payloads ?? [];
    if (!payload) return [];
    const call = stepCall.parse(defaultPayloadConverter.fromPayload(payload));
    return [{ name: scheduled?.activityType?.name ?? '', call }];
  });
}

/** Delivers commands to the shop's services, as their workers do. `failpoints` may hold one up. */
export function deliverer({ databases }: System, failpoints: Failpoints = async () => {}) {
  const services = {
    product: openDatabase(databases.product),
    order: openDatabase(databases.order),
    payment: openDatabase(databases.payment),
    delivery: openDatabase(databases.delivery),
  };
  const on = (service: keyof typeof services) => ({
    database: services[service],
    failpoints,
    report: () => {},
  });
  const activities = {
    ...productActivities(on('product')),
    ...orderActivities(on('order')),
    ...paymentActivities(on('payment')),
    ...deliveryActivities(on('delivery')),
  };
  return {
    async deliver({ name, call }: Command): Promise<unknown> {
      const activity = activities[name];
      if (!activity) throw new Error(`nobody knows the command ${name}`);
      return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(activity, call);
    },
    end: () => Promise.all(Object.values(services).map((database) => database.end())),
  };
}
