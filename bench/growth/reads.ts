import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Ground } from './ground.ts';
import { send } from './send.ts';
import { type Times, time } from './times.ts';

/** Temporal limits searches to ten a second. A higher rate would measure that limit. */
const rest = () => pause(150);
const mostPages = 100;
const often = 20;

const page = z.object({ items: z.array(z.unknown()), next_cursor: z.string().nullable() });

export interface Reads {
  first_page: Times;
  /** `after` is the number of sagas before the page. Absent where there are too few. */
  deep_page?: Times & { after: number };
  saga: Times;
}

/** Times the first page of 50 waiting sagas, a page far behind it, and single sagas. */
export async function measureReads({ api }: Ground, waiting: number, ids: string[]): Promise<Reads> {
  const list = async (limit: number, cursor?: string) => {
    const query = new URLSearchParams({ state: 'waiting', limit: `${limit}`, ...(cursor && { cursor }) });
    return page.parse((await send(`${api}/sagas?${query}`)).body);
  };
  const first_page = await time(often, () => list(50), rest);
  let after = 0;
  let deepest: string | undefined;
  const before = Math.min(mostPages, Math.floor((waiting - 50) / 100));
  for (let pages = 0; pages < before; pages += 1) {
    const { items, next_cursor } = await list(100, deepest);
    if (next_cursor === null) break;
    after += items.length;
    deepest = next_cursor;
    await rest();
  }
  const deep = deepest === undefined ? undefined : await time(often, () => list(50, deepest), rest);
  const saga = await time(ids.length, (turn) => send(`${api}/sagas/${ids[turn]}`));
  return { first_page, ...(deep && { deep_page: { ...deep, after } }), saga };
}
