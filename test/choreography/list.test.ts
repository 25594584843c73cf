import { afterAll, beforeAll, expect, test } from 'vitest';
import { atLeast } from '../support/at-least.ts';
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
    await expect
      .poll(async () => idsOf(await list('state=completed', limit)).sort(), { timeout: 10_000 })
      .toEqual(bought.toSorted());
    expect(idsOf(await list('state=compensated', limit)).sort()).toEqual(undone.toSorted());
    expect(await list('state=waiting', limit)).toEqual([]);
  }
  await system.work('relay');
  for (const id of open) await system.untilEnded(id);
  const delivered = idsOf(await list('step=create-delivery', 2));
  expect(delivered.sort()).toEqual([bought[0], bought[2], open[0]].sort());
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
