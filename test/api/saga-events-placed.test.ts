import { afterAll, beforeAll, expect, test } from 'vitest';
import { brief, readEvents } from '../support/events.ts';
import { originate } from '../support/originations.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ placed: true });
});
afterAll(() => system.end());

const visits = ['visit-customer', 'visit-mortgage', 'visit-loan'];

test('the steps of a stretch are said one by one when it has ended', async () => {
  const id = await system.start('rehearsal', {});
  const seen = (await readEvents(system, id)).map(brief);
  expect(seen).toEqual(['running', ...visits.map((step) => `do ${step} done`), 'completed', 'end']);
});

test.each([
  { title: 'one that completes', faults: [] },
  {
    title: 'one that is undone',
    faults: [{ step: 'disburse-funds', op: 'do', at: 'before', do: 'refuse' } as const],
  },
])('a stream goes on exactly where it was left, also within a stretch: $title', async ({ faults }) => {
  const id = await originate(system, faults);
  await system.untilEnded(id);
  const all = await readEvents(system, id);
  const ids = [...new Set(all.flatMap(({ id }) => id ?? []))];
  expect(ids.length).toBeGreaterThanOrEqual(8);
  for (const after of ids) {
    const last = all.findLastIndex(({ id }) => id === after);
    expect(await readEvents(system, id, { after })).toEqual(all.slice(last + 1));
  }
});
