import { z } from 'zod';
import type { ApiContext } from '../context.ts';
import { eventStream, isHead, streamHead } from '../http/event-stream.ts';
import { unavailable } from '../http/problem.ts';
import { problems } from '../http/problem-responses.ts';
import { pathId, readHeaders } from '../http/read-request.ts';
import { jsonRoutes } from '../json-routes.ts';
import { authorizedSaga, noHistory, type RequestedSaga, readSnapshot } from './find-saga.ts';

const firstUpdateMs = 5_000;

const serverSentEvent = z
  .object({ event: z.enum(['timeline', 'state', 'end']), data: z.string(), id: z.string().optional() })
  .meta({ id: 'ServerSentEvent' });

const headers = z.object({
  'last-event-id': z
    .string()
    .regex(/^\d{0,15}$/, 'must be the id of an event')
    .optional(),
});

export function sagaEventsRoutes(context: ApiContext) {
  const { routes, get } = jsonRoutes(context, 'sagas');
  get(
    '/sagas/{id}/events',
    {
      access: 'read',
      operation: 'followSaga',
      summary: 'A saga as it happens: server-sent events',
      description:
        '`timeline` (id: its seq, data: the entry that has changed) and `state` (data: `{state}`) from the beginning or ' +
        'after `Last-Event-ID`; `end` when the saga has ended; a comment line every 15 s. Without `end`, the stream ends when ' +
        'the token expires.',
      headers,
      streamed: serverSentEvent,
      more: problems(429),
    },
    async (c, caller) => {
      const id = pathId(c);
      const { 'last-event-id': last = '0' } = readHeaders(c, headers);
      const saga = await authorizedSaga(context, id, caller, 'read');
      if (isHead(c)) return streamHead(c);
      const after = Number(last);
      const { updates, gone } = await openUpdates(context, saga);
      const expires = caller.account?.expires;
      return eventStream(c, context, { gone, expires }, async (stream) => {
        for await (const { seq, repeatsSeq, entry, state } of updates) {
          if (repeatsSeq === 'on-resume' && seq !== after) continue;
          // One event may change an entry and the state, and the connection may break in between.
          if (entry && (seq > after || (repeatsSeq && seq === after)))
            await stream.writeSSE({ event: 'timeline', id: String(seq), data: JSON.stringify(entry) });
          if (state && seq >= after)
            await stream.writeSSE({ event: 'state', data: JSON.stringify({ state }) });
        }
        if (!gone.signal.aborted) await stream.writeSSE({ event: 'end', data: '{}' });
      });
    },
  );
  return routes;
}

/** Waits for the first update. Throws the 404 without one, the 503 on an outage. */
async function openUpdates(context: ApiContext, saga: RequestedSaga) {
  // A choreographed saga without events waits for its first one: this throws if it never started.
  if (saga.mode === 'choreographed') await readSnapshot(context, saga);
  const gone = new AbortController();
  const timer = setTimeout(() => gone.abort(), firstUpdateMs);
  const rest = context.watch.follow(saga, gone.signal);
  const first = await rest.next();
  clearTimeout(timer);
  if (gone.signal.aborted) throw unavailable(saga.mode === 'choreographed' ? 'the database' : 'Temporal');
  if (first.done) throw noHistory(saga);
  async function* updates() {
    yield first.value;
    yield* rest;
  }
  return { updates: updates(), gone };
}
