import { afterAll, beforeAll, expect, test } from 'vitest';
import { atLeast } from '../support/at-least.ts';
import { referred } from '../support/originations.ts';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let shop: ReturnType<typeof shopOf>;
beforeAll(async () => {
  system = await startSystem();
  shop = shopOf(system);
});
afterAll(() => system.end());

/** All pages of so many. */
async function list(query: string, limit: number): Promise<{ saga_id: string; state: string }[]> {
  const items = [];
  let cursor = '';
  do {
    const { status, body } = await system.call('GET', `/sagas?${query}&limit=${limit}${cursor}`);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.items.length).toBeLessThanOrEqual(limit);
    if (cursor !== '') expect(body.items.length).toBeGreaterThan(0);
    items.push(...body.items);
    cursor = body.next_cursor === null ? '' : `&cursor=${encodeURIComponent(body.next_cursor)}`;
  } while (cursor !== '');
  return items;
}

const idsOf = (items: { saga_id: string }[]) => items.map(({ saga_id }) => saga_id);

test('lists find choreographed sagas among the others, by start, state and step, page by page', async () => {
  const pen = await shop.product({ inventory: 100 });
  const dear = await shop.product({ price: 10_001 });
  const bought = [
    await shop.choreograph([pen, 1]),
    await shop.buy([pen, 1]),
    await shop.choreograph([pen, 1]),
  ];
  const undone = [await shop.buy([dear, 1]), await shop.choreograph([dear, 1])];
  for (const id of [...bought, ...undone]) await system.untilEnded(id);
  await system.rest('relay');
  const open = [await shop.choreograph([pen, 1]), await shop.choreograph([dear, 1])];

  for (const limit of [1, 2, 3, 100]) {
    expect(idsOf(await list('type=purchase', limit))).toEqual([...bought, ...undone, ...open].reverse());
    // Pages of ended sagas follow each other by end.
    const inOrder = (ids: string[]) => (limit === 100 ? ids : ids.toSorted());
    await expect
      .poll(async () => inOrder(idsOf(await list('state=completed', limit))), { timeout: 10_000 })
      .toEqual(inOrder(bought.toReversed()));
    expect(inOrder(idsOf(await list('state=compensated', limit)))).toEqual(inOrder(undone.toReversed()));
    expect(await list('state=waiting', limit)).toEqual([]);
  }
  await system.work('relay');
  for (const id of open) await system.untilEnded(id);
  const delivered = idsOf(await list('step=create-delivery', 2));
  expect(delivered.sort()).toEqual([bought[0], bought[2], open[0]].sort());
});

test('open ones of both kinds are in one order, newest start first, on pages of any size', async () => {
  const { unwind } = system.sql;
  const pen = await shop.product({ inventory: 100 });
  await system.rest('product');
  const choreographed = [await shop.choreograph([pen, 1])];
  const open = [...choreographed];
  for (const start of [shop.buy, shop.buy]) open.unshift(await start([pen, 1]));
  const another = await shop.choreograph([pen, 1]);
  choreographed.unshift(another);
  open.unshift(another);
  open.unshift(await shop.buy([pen, 1]));
  for (const id of choreographed) await system.untilEnded(id);
  await unwind`update choreography set ended_at = null, state = 'running' where saga_id in ${unwind(choreographed)}`;
  await expect.poll(async () => idsOf(await list('state=running', 100)), { timeout: 10_000 }).toEqual(open);
  for (const limit of [1, 2, 3]) expect(idsOf(await list('state=running', limit))).toEqual(open);
  await unwind`update choreography set ended_at = now(), state = 'completed' where saga_id in ${unwind(choreographed)}`;
  await system.work('product');
  for (const id of open) await system.untilEnded(id);
});

test('pages of ended ones of both kinds follow each other by their end, last end first', async () => {
  const long = await system.start('mortgage-origination', referred());
  await system.untilState(long, 'waiting');
  const short = await shop.choreograph([await shop.product({ inventory: 1 }), 1]);
  await system.untilEnded(short);
  await system.call('POST', `/sagas/${long}/decision`, { approved: false, reason: 'too dear' });
  await system.untilEnded(long);
  const both = async () => idsOf(await list('state=completed', 1)).filter((id) => [long, short].includes(id));
  await expect.poll(both, { timeout: 10_000 }).toEqual([long, short]);
});

test('one that is parked is found as parked, before what has ended', async () => {
  const fault = { step: 'create-payment', op: 'do', at: 'before', do: 'error' } as const;
  system.config.failpoints.push(fault);
  const id = await shop.choreograph([await shop.product(), 1]);
  const failing = async () => (await system.get(id)).timeline.at(-1);
  await expect
    .poll(failing, { timeout: 20_000 })
    .toMatchObject({ attempt: atLeast(2), error: 'failpoint before' });
  await system.rest('relay');
  await system.sql.unwind`update choreography set parked_at = now() where saga_id = ${id}`;
  expect(idsOf(await list('state=parked', 10))).toEqual([id]);
  expect(idsOf(await list('state=running', 10))).toEqual([]);
  expect(idsOf(await list('step=create-payment', 10))[0]).toBe(id);
  system.config.failpoints.splice(0);
  await system.work('relay');
  await system.untilEnded(id);
});
