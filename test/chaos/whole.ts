import { expect } from 'vitest';
import { type Effect, sagas } from '../matrix/sagas.ts';
import { readEvents } from '../support/events.ts';
import { unwinderStatus } from '../support/left-behind.ts';
import type { System } from '../support/system.ts';
import type { Tale } from './tales.ts';

/** How Temporal closes the workflow, or its stand-in. */
const closings: Record<string, string[]> = {
  completed: ['COMPLETED'],
  compensated: ['FAILED'],
  cancelled: ['CANCELLED', 'FAILED'],
  failed: ['FAILED'],
};

/** A saga that has ended has done all of one way or is undone, and the list, the stream and Temporal say so. */
export async function expectWhole(system: System, tale: Tale, input: Record<string, unknown>) {
  const { saga, way, id } = tale;
  const { state, errors, timeline } = await system.get(id);
  const { steps, ways, left, rows } = sagas[saga];
  const told = JSON.stringify({ tale, state, errors, timeline }, null, 1);
  expect(await closingOf(system, tale), told).toBeOneOf(closings[state] ?? []);
  const { body } = await system.call('GET', `/sagas?type=${saga}&state=${state}&limit=100`);
  expect(body.items, told).toContainEqual(expect.objectContaining({ saga_id: id }));
  expect(await lastOfStream(system, id), told).toBe(state);

  const effects = await effectsOf(system, id);
  expect(await rows(system, id, input), told).toEqual(left(effects, way));
  const isByHand = [...errors.execution, ...errors.compensation].some(({ resolved }) => resolved);
  if (isByHand) return;
  const standing = effects.filter(({ reversed }) => !reversed).map(({ step }) => step);
  for (const { step, reversed } of effects) if (reversed) standing.splice(standing.indexOf(step), 1);
  const leaves = steps.flatMap(({ name, compensation, pivot }) => (compensation || pivot ? [name] : []));
  if (state === 'completed')
    expect(
      ways.map((one) => one.steps.toSorted()),
      told,
    ).toContainEqual(standing.sort());
  else
    expect(
      standing.filter((step) => leaves.includes(step)),
      told,
    ).toEqual([]);
}

/** What the guard has let happen, in order. */
async function effectsOf({ sql: { unwind, ...services } }: System, id: string): Promise<Effect[]> {
  const rows = await Promise.all(
    Object.values(services).map(
      (service) => service<(Effect & { at: number })[]>`
        select step, generation, op = 'undo' as reversed, extract(epoch from at)::float as at
        from saga_step where saga_id = ${id}
          and (op = 'do' and written_by = 'do' or op = 'undo' and result #>> '{}' = 'undone')`,
    ),
  );
  return rows.flat().sort((a, b) => a.at - b.at);
}

async function closingOf(system: System, { saga, id }: Tale): Promise<string> {
  const own = (await system.handle(saga, id).describe()).status.name;
  return own === 'TERMINATED' ? unwinderStatus(system, id) : own;
}

async function lastOfStream(system: System, id: string): Promise<unknown> {
  const seen = await readEvents(system, id);
  expect(seen.map(({ event }) => event)).toContain('end');
  return seen.findLast(({ event }) => event === 'state')?.data.state;
}
