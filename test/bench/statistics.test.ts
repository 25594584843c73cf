import { expect, test } from 'vitest';
import { runLoad } from '../../bench/loads.ts';
import { shuffled } from '../../bench/random.ts';
import { percentile, perSecond, spreadOf } from '../../bench/statistics.ts';

const sagas = (count: number, start: number, end: number) =>
  Array.from({ length: count }, () => ({ start, end }));

test('a percentile is the nearest rank, whatever the order', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([50, 95, 99, 100].map((percent) => percentile(hundred, percent))).toEqual([50, 95, 99, 100]);
  expect([50, 95, 99].map((percent) => percentile([30, 10, 20], percent))).toEqual([20, 30, 30]);
  expect(percentile([], 50)).toBeNaN();
});

test('a spread is the median, the least and the most of the rounds', () => {
  expect(spreadOf([9, 1, 4])).toEqual({ median: 4, min: 1, max: 9 });
  expect(spreadOf([9, 1, 4, 5])).toEqual({ median: 4.5, min: 1, max: 9 });
  expect(spreadOf([2 / 3])).toEqual({ median: 0.667, min: 0.667, max: 0.667 });
});

test('throughput is what ended while sagas were started, and of those under way their share', () => {
  const twoASecond = [...sagas(1, 0, 500), ...sagas(1, 500, 1_000), ...sagas(1, 1_000, 1_500)];
  expect(perSecond(twoASecond, 1_000)).toBe(2);
  expect(perSecond(twoASecond, 1_250)).toBe(2);
});

test('a straggler takes nothing from what the others have shown', () => {
  const others = [...sagas(50, 0, 500), ...sagas(50, 500, 1_000), ...sagas(49, 1_000, 1_500)];
  const smooth = perSecond([...others, ...sagas(1, 1_000, 1_500)], 1_250);
  const held = perSecond([...others, ...sagas(1, 1_000, 61_000)], 1_250);
  expect(smooth).toBe(100);
  expect(held).toBeCloseTo(smooth - 0.5 / 1.25, 1);
});

test('who takes longer than the load lasts has a throughput, too', () => {
  expect(perSecond(sagas(50, 0, 8_000), 2_000)).toBe(50 / 8);
});

test('what starts after the time does not count', () => {
  expect(perSecond([...sagas(4, 0, 100), ...sagas(4, 2_100, 2_200)], 2_000)).toBe(2);
});

test.for([1, 3, 60])('a load of at most %i sagas has a throughput', async (most) => {
  const engine = { run: () => new Promise<void>((resolve) => setImmediate(resolve)), close: async () => {} };
  const way = { kind: 'at-once', atOnce: 50 } as const;
  const { ids, milliseconds, perSecond } = await runLoad(engine, {
    way,
    refused: false,
    seconds: 60,
    sagas: most,
  });
  expect([ids.length, milliseconds.length]).toEqual([most, most]);
  expect(perSecond).toBeGreaterThan(0);
  expect(perSecond).toBeLessThan(Number.POSITIVE_INFINITY);
});

test('each load of each round has an order of its own, the same in every run, with everyone in it', () => {
  const all = ['fast', 'unwind', 'plain', 'dbos', 'restate', 'noop', 'floor'];
  const orders = Array.from({ length: 15 }, (_, seed) => shuffled(all, seed));
  for (const order of orders) expect(order.toSorted()).toEqual(all.toSorted());
  expect(orders).toEqual(Array.from({ length: 15 }, (_, seed) => shuffled(all, seed)));
  const before = (name: string) => new Set(orders.map((order) => order[order.indexOf(name) - 1]));
  for (const name of all) expect(before(name).size).toBeGreaterThan(3);
});
