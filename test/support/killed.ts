import { expect } from 'vitest';
import type { Failpoint } from '../../src/guard/failpoints.ts';
import type { StepOp } from '../../src/saga/step.ts';
import { guardRows } from '../matrix/look.ts';
import { eventually } from '../stack/support.ts';
import { application } from './originations.ts';
import { type System, stepsOf } from './system.ts';
import { startServerProcess, startWorkerProcess } from './worker-process.ts';

/** A mortgage origination whose worker is killed. */
export interface Story {
  /** The side of a step that has just committed then, and that nobody was told of. */
  at: { step: string; op: StepOp };
  faults?: Omit<Failpoint, 'saga'>[];
  /** Further fields of its input. */
  more?: Record<string, unknown>;
  /** What is done before the other sagas are started. */
  before?: (system: System, id: string) => Promise<unknown>;
  /** What happens while no worker is there. */
  meanwhile?: (system: System, id: string) => Promise<unknown>;
}

/**
 * Starts these sagas, kills the worker they are placed with by SIGKILL, and answers their ids when all has happened.
 * `together`: they are started over that process's own API, so that those without a deadline begin with its answer.
 */
export async function playUntilKilled<Name extends string>(
  system: System,
  stories: Record<Name, Story>,
  { together = false } = {},
): Promise<Record<Name, string>> {
  const all = Object.entries<Story>(stories).map(([name, story]) => ({
    name,
    id: crypto.randomUUID(),
    ...story,
  }));
  const failpoints = all.flatMap(({ id, at, faults = [] }): Failpoint[] => [
    { ...at, saga: id, at: 'after_commit', do: 'hang' },
    ...faults.map((fault) => ({ ...fault, saga: id })),
  ]);
  const options = { failpoints, script: 'test/support/patient.ts' };
  const server = together ? await startServerProcess(system, options) : undefined;
  const worker = server ?? (await startWorkerProcess(system, options));
  const api = server?.api;
  const start = async ({ id, more, before }: (typeof all)[number]) => {
    await startOrigination(system, id, more, api);
    await before?.(system, id);
  };
  // The first one of a process takes its time.
  const first = crypto.randomUUID();
  await startOrigination(system, first, {}, api);
  await eventually(async () => (await system.get(first)).state === 'completed', 'one that completes');
  await Promise.all(all.filter(({ before }) => before).map(start));
  // One after the other: a stretch that takes longer than three seconds ends, and tells what it has done.
  for (const one of all.filter(({ before }) => !before)) {
    await start(one);
    await untilCommitted(system, one.id, one.at);
  }
  await Promise.all(all.map(({ id, at }) => untilCommitted(system, id, at)));
  await worker.stop('SIGKILL');
  const recorded = await Promise.all(all.map(async ({ id }) => stepsOf(await system.get(id)).length));
  const late = all.filter(({ at, before }, index) => at.op === 'do' && !before && recorded[index] !== 0);
  // Such a saga tells another story, which must end as well. The tests need most stories as they are written.
  const told = `recorded before the kill: ${late.map(({ name }) => name).join(', ')}`;
  if (late.length > all.length / 2) throw new Error(`the machine is too busy: ${told}`);
  if (late.length > 0) console.warn(told);
  await Promise.all(all.map(({ id, meanwhile }) => meanwhile?.(system, id)));
  return Object.fromEntries(all.map(({ name, id }) => [name, id])) as Record<Name, string>;
}

/** `api`: where another process serves it. */
export async function startOrigination(
  system: System,
  id: string,
  more: Record<string, unknown> = {},
  api?: string,
) {
  const input = { saga_id: id, type: 'mortgage-origination', ...application(), ...more };
  const method = 'POST';
  const headers = { 'content-type': 'application/json' };
  const { status } = api
    ? await fetch(`${api}/start`, { method, headers, body: JSON.stringify(input) })
    : await system.call(method, '/start', input);
  expect(status).toBe(202);
}

function untilCommitted(system: System, id: string, { step, op }: Story['at']) {
  const row = new RegExp(` ${step}@1 ${op} by ${op}`);
  const isThere = async () => (await guardRows(system, id)).some((line) => row.test(line));
  return eventually(isThere, `${op} ${step}`);
}

/** The steps of a saga that were done, and of these the ones that were undone. */
export async function doneAndUndone(system: System, id: string) {
  const rows = await guardRows(system, id);
  const named = (pattern: RegExp) => rows.flatMap((row) => pattern.exec(row)?.[1] ?? []);
  return { done: named(/ (.+)@1 do by do$/), undone: named(/ (.+)@1 undo by undo undone$/) };
}
