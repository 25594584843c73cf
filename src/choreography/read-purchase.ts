import { and, eq } from 'drizzle-orm';
import type { Database } from '../guard/database.ts';
import { sagaOutbox } from '../guard/schema.ts';
import { createOrder } from '../services/order/create-order.ts';
import { keptEvent, type SagaEvent } from '../services/registry/append-event.ts';
import { readEvents, type Trouble } from '../services/registry/read-events.ts';

export interface PurchaseSources {
  registry: Database;
  /** Absent: only delivered events are read. */
  shop?: { order: Database };
}

export interface PurchaseEvents {
  events: SagaEvent[];
  trouble: Trouble | undefined;
}

/** The events of a choreographed purchase, in order. The first one is read where it was published until it is delivered. */
export async function readPurchase(
  { registry, shop }: PurchaseSources,
  sagaId: string,
): Promise<PurchaseEvents> {
  const read = await readEvents(registry, sagaId);
  if (read.events.length > 0 || !shop) return read;
  return { events: await firstEvent(shop.order, sagaId), trouble: undefined };
}

async function firstEvent({ query }: Database, sagaId: string): Promise<SagaEvent[]> {
  const { name: step, service } = createOrder.contract;
  const ofSaga = and(eq(sagaOutbox.sagaId, sagaId), eq(sagaOutbox.step, step), eq(sagaOutbox.seq, 1));
  const rows = await query.select().from(sagaOutbox).where(ofSaga);
  return rows.map((row) => keptEvent(service, row));
}
