import { z } from 'zod';
import { isEnded } from '../../saga/state.ts';
import { listSagas } from '../../services/registry/list-sagas.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { moment, type PageQuery, readCursor, writeCursor } from '../http/cursor.ts';
import type { ListedSaga } from '../sagas/schemas.ts';
import { maxRounds, sagasByIds } from './by-ids.ts';
import type { SagaFilter } from './visibility.ts';

type Filter = SagaFilter & { caller: string };

const batchSize = 100;
const ownCursor = z.strictObject({ ended: z.boolean(), id: z.guid(), createdAt: moment });
type Place = z.output<typeof ownCursor>;

/** A page of the caller's sagas by state and step: open ones first, newest start first. */
export async function listOwnByState(context: ApiContext, filter: Filter, { limit, cursor }: PageQuery) {
  const from = readCursor(ownCursor, cursor);
  const items: ListedSaga[] = [];
  let last: Place | undefined;
  for await (const { item, place } of ownSagas(context, filter, from)) {
    // It may be short, also empty.
    if (!item) return { items, next_cursor: writeCursor(place) };
    if (last && items.length === limit) return { items, next_cursor: writeCursor(last) };
    items.push(item);
    last = place;
  }
  return { items, next_cursor: null };
}

/**
 * Temporal's index does not know the callers, so this reads through the registry, a batch at a time. Ends after
 * `maxRounds`, with a place to go on from instead of an item.
 */
async function* ownSagas(context: ApiContext, filter: Filter, from: Place | undefined) {
  const { caller, type, state, step } = filter;
  let rounds = 0;
  const passes = state === undefined ? [false, true] : [isEnded(state)];
  for (const ended of passes) {
    if (from?.ended && !ended) continue;
    let after = from?.ended === ended ? from : undefined;
    for (;;) {
      const page = await askDatabase(() =>
        listSagas(context.registry, { type, caller, limit: batchSize, after }),
      );
      const known = await sagasByIds(context, page);
      for (const { id, createdAt } of page) {
        after = { ended, id, createdAt };
        const item = known.get(id);
        if (!item || (item.ended_at !== null) !== ended) continue;
        if ((state ?? item.state) !== item.state || (step ?? item.step) !== item.step) continue;
        yield { item, place: after };
      }
      if (!after || page.length < batchSize) break;
      if (++rounds === maxRounds) {
        yield { item: undefined, place: after };
        return;
      }
    }
  }
}
