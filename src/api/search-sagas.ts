import { z } from 'zod';
import type { SagaState } from '../saga/state.ts';
import { searchChoreographies } from '../services/registry/find-choreographies.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { listedChoreography } from './listed-sagas.ts';
import { askDatabase, type Services } from './services.ts';
import { type ListedSaga, sagaQuery, searchSagas } from './visibility.ts';

interface Filter {
  type?: string | undefined;
  state?: SagaState | undefined;
  step?: string | undefined;
}

/** Choreographed sagas are found in the registry, all others by Temporal, which lists open ones first. */
const parts = ['open', 'temporal', 'ended'] as const;
const place = z.strictObject({
  part: z.enum(parts),
  token: z.base64().optional(),
  after: z.strictObject({ id: z.uuid(), createdAt: z.coerce.date() }).optional(),
});
type Place = z.output<typeof place>;

/** A page of all sagas by state and step: open ones first. */
export async function searchAllSagas(
  services: Services,
  filter: Filter,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
) {
  const items: ListedSaga[] = [];
  let next: Place | undefined = cursor === undefined ? { part: 'open' } : readCursor(place, cursor);
  while (next) {
    const room = limit - items.length;
    const page: Part = await pageOf(services, filter, next, Math.max(1, room));
    // A full page needs a cursor only where there is something after it.
    if (room === 0 && page.items.length > 0) return { items, next_cursor: writeCursor(next) };
    items.push(...page.items);
    next = page.next ?? partAfter(next.part);
    if (items.length === limit && next && next.part === page.next?.part)
      return { items, next_cursor: writeCursor(next) };
  }
  return { items, next_cursor: null };
}

function partAfter(part: Place['part']): Place | undefined {
  const following = parts[parts.indexOf(part) + 1];
  return following && { part: following };
}

interface Part {
  items: ListedSaga[];
  /** Undefined where the part has ended. */
  next: Place | undefined;
}

async function pageOf(
  { registry, temporal }: Services,
  filter: Filter,
  { part, token, after }: Place,
  limit: number,
): Promise<Part> {
  if (part === 'temporal') {
    const from = token === undefined ? undefined : Buffer.from(token, 'base64');
    const { items, nextPageToken } = await searchSagas(temporal, sagaQuery(filter), { limit, token: from });
    const next = nextPageToken && { part, token: Buffer.from(nextPageToken).toString('base64') };
    return { items, next };
  }
  const search = { ...filter, ended: part === 'ended', limit: limit + 1, after };
  const rows = await askDatabase(() => searchChoreographies(registry, search));
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const next = last && { part, after: { id: last.id, createdAt: last.createdAt } };
  return { items: shown.map(listedChoreography), next };
}
