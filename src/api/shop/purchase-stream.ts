import { setMaxListeners } from 'node:events';
import type { SSEStreamingApi } from 'hono/streaming';
import { z } from 'zod';
import { startChannel } from '../../services/registry/channels.ts';
import type { SagaRef } from '../../services/registry/schema.ts';
import { startedSagas } from '../../services/registry/started-sagas.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { eventStream, isHead, streamHead } from '../http/event-stream.ts';
import { jsonRoutes } from '../json-routes.ts';
import { purchaseResults } from './purchase-update.ts';

const type = 'purchase';
/** New purchases are notified; this finds those whose notification was lost. */
const pollIntervalMs = 5_000;
/** A subscriber also gets its purchases of this time. */
const recentMs = 15 * 60_000;
/** A purchase that has not begun, as far as is known, is looked at again after this time. */
const againMs = 60_000;

const resultEvent = z.object({ event: z.literal('data'), data: z.string(), id: z.string() }).meta({
  id: 'PurchaseResult',
  description:
    'data: {purchase_id, step, status, timestamp}; id: the same for the same result in every stream',
});

/** A buyer's recent and new purchases as they happen, until the token expires. */
export function purchaseResultRoutes(context: ApiContext) {
  const { routes, get } = jsonRoutes(context, 'shop');
  get(
    '/api/purchase/result',
    {
      access: 'use an account',
      operation: 'followPurchases',
      summary: 'Your purchases as they happen: server-sent events',
      streamed: resultEvent,
    },
    async (c, caller) => {
      const since = new Date(context.clock().getTime() - recentMs);
      const find = () =>
        askDatabase(() => startedSagas(context.registry, { type, caller: caller.id, since }));
      await find();
      if (isHead(c)) return streamHead(c);
      const gone = new AbortController();
      return eventStream(c, context, { gone, expires: caller.account?.expires }, (stream) =>
        follow(context, stream, { account: caller.id, find, gone }),
      );
    },
  );
  return routes;
}

interface Following {
  account: string;
  find: () => Promise<SagaRef[]>;
  gone: AbortController;
}

async function follow(context: ApiContext, stream: SSEStreamingApi, { account, find, gone }: Following) {
  const { signal } = gone;
  // Every purchase waits with it.
  setMaxListeners(0, signal);
  /** When each purchase is looked at again, in ms since the epoch. */
  const again = new Map<string, number>();
  const running = new Set<Promise<void>>();
  const listener = context.registry.listen(startChannel);
  while (!signal.aborted) {
    const notified = listener.notified({ withinMs: pollIntervalMs, topic: account, signal });
    // Without its database the stream ends, and the client reconnects.
    const sagas = await find().catch(() => {
      gone.abort();
      return [];
    });
    for (const saga of sagas) {
      if (Date.now() < (again.get(saga.sagaId) ?? 0)) continue;
      again.set(saga.sagaId, Number.POSITIVE_INFINITY);
      const sending = send(context, stream, saga, signal)
        .then((hasBegun) => {
          if (!hasBegun) again.set(saga.sagaId, Date.now() + againMs);
        })
        .catch((err: unknown) => {
          context.logger.error({ err, saga: saga.sagaId }, 'the results of a purchase break off');
          gone.abort();
        })
        .finally(() => running.delete(sending));
      running.add(sending);
    }
    await notified;
  }
  await Promise.all(running);
}

/** Returns false if the purchase has not begun. */
async function send(
  { watch }: ApiContext,
  stream: SSEStreamingApi,
  saga: SagaRef,
  signal: AbortSignal,
): Promise<boolean> {
  let hasBegun = false;
  // Several changes of an entry have the same status.
  const sent = new Set<string>();
  for await (const { entry } of watch.follow(saga, signal)) {
    hasBegun = true;
    for (const result of entry ? purchaseResults(saga.sagaId, entry) : []) {
      const id = `${result.purchase_id}/${result.step}/${result.status}`;
      if (sent.has(id)) continue;
      sent.add(id);
      await stream.writeSSE({ event: 'data', data: JSON.stringify(result), id });
    }
  }
  return hasBegun;
}
