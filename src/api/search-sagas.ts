import { z } from 'zod';
import { takesPart } from '../choreography/purchase.ts';
import { isEnded, type SagaState } from '../saga/state.ts';
import { searchChoreographies } from '../services/registry/find-choreographies.ts';
import { badCursor, moment, readCursor, writeCursor } from './cursor.ts';
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
  token: z.base64().min(1).optional(),
  after: z.strictObject({ id: z.guid(), createdAt: moment }).optional(),
});
type Place = z.output<typeof place>;

/** A page of all sagas by state and step: open ones first. */
export async function searchAllSagas(
  services: Services,
  filter: Filter,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
) {
  const items: ListedSaga[] = [];
  const wanted = partsFor(filter);
  let next: Place | undefined =
    cursor === undefined ? partAfter(undefined, wanted) : readCursor(place, cursor);
  while (next) {
    const room = limit - items.length;
    const page: Part = await pageOf(services, filter, next, Math.max(1, room));
    // A full page needs a cursor only where there is something after it.
    if (room === 0 && page.items.length > 0) return { items, next_cursor: writeCursor(next) };
    items.push(...page.items);
    next = page.next ?? partAfter(next.part, wanted);
    if (items.length === limit && next && next.part === page.next?.part)
      return { items, next_cursor: writeCursor(next) };
  }
  return { items, next_cursor: null };
}

type PartName = (typeof parts)[number];

/** Those in which there can be something: a look at all that has ended is none for nothing. */
function partsFor({ type, state, step }: Filter): PartName[] {
  const choreographed =
    (type === undefined || type === 'purchase') && (step === undefined || takesPart(step));
  return parts.filter((part) => {
    if (part === 'temporal') return true;
    return choreographed && (state === undefined || isEnded(state) === (part === 'ended'));
  });
}

function partAfter(part: PartName | undefined, wanted: readonly PartName[]): Place | undefined {
  const rest = part === undefined ? parts : parts.slice(parts.indexOf(part) + 1);
  const following = rest.find((one) => wanted.includes(one));
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
    const query = sagaQuery(filter);
    const { items, nextPageToken } = await searchSagas(temporal, query, { limit, token: from }).catch(
      async (error: unknown) => {
        if (from === undefined) throw error;
        // Temporal says of a token that is none of its own that it is away. Is it?
        await searchSagas(temporal, query, { limit: 1, token: undefined });
        throw badCursor();
      },
    );
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
