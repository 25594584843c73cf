import { expect, test } from 'vitest';
import { SagaWatch } from '../../src/api/sagas/watch.ts';
import type { SagaRef } from '../../src/services/registry/schema.ts';

const saga: SagaRef = { type: 'rehearsal', sagaId: crypto.randomUUID(), mode: 'orchestrated' };
const forever = new AbortController().signal;

async function read(watch: SagaWatch) {
  const seen: number[] = [];
  for await (const { seq } of watch.follow(saga, forever)) seen.push(seq);
  return seen;
}

test('a failed source ends all its streams, and the next watcher opens it again', async () => {
  let asked = 0;
  const watch = new SagaWatch(async function* () {
    asked += 1;
    yield [{ seq: 1 }];
    if (asked === 1) throw new Error('an entry that nobody understands');
    yield [{ seq: 2 }];
  });
  const both = await Promise.allSettled([read(watch), read(watch)]);
  const broken = { status: 'rejected', reason: new Error('an entry that nobody understands') };
  expect(both).toEqual([broken, broken]);
  expect(asked).toBe(1);
  expect(await read(watch)).toEqual([1, 2]);
});
