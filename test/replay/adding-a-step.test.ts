import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleOf } from '../support/bundles.ts';
import { startProbes } from '../support/probes.ts';
import { resetToBefore } from '../support/reset.ts';
import { continuesAfter } from '../support/server-settings.ts';

let probes: Awaited<ReturnType<typeof startProbes>>;
const codes = [
  'before',
  'careless',
  'careful',
  'under-way',
  'under-way-careless',
  'branch-before',
  'branch-careful',
] as const;
type Code = (typeof codes)[number];
const bundles = new Map<Code, string>();
beforeAll(async () => {
  probes = await startProbes({ serverArgs: continuesAfter(30), code: 'before' });
  for (const code of codes) bundles.set(code, await bundleOf(code));
});
afterAll(async () => {
  await probes.end();
});

const yes = { approved: true, by: 'olga', reason: 'fine' };

/** Goes on with this code. */
async function deploy(code: Code) {
  await probes.system.rest('sagas');
  probes.system.config.workflowBundle = bundles.get(code);
  await probes.system.work('sagas');
}

async function waiting() {
  const { id, handle } = await probes.start([]);
  await probes.untilState(id, 'waiting');
  return { id, handle };
}

/** Signals until the saga has continued as new, and waits again. */
async function continueAsNew(id: string) {
  const before = await probes.runs(id);
  for (let n = 0; n < 40; n++) await current(id).signal('noise');
  await expect.poll(() => probes.runs(id), { timeout: 10_000 }).toBeGreaterThan(before);
  await probes.untilState(id, 'waiting');
}

const current = (id: string) => probes.system.temporal.client.workflow.getHandle(`probe-${id}`);

/** The marks of four sagas: that waited while this version came, before or after it continued as new, and a new one. */
async function marksAround(code: Code) {
  const past = await waiting();
  const [overRuns, goingOver] = [await waiting(), await waiting()];
  await continueAsNew(overRuns.id);
  await deploy(code);
  await continueAsNew(goingOver.id);
  const fresh = await waiting();
  const sagas = [past, overRuns, goingOver, fresh];
  for (const { id } of sagas) {
    await current(id).signal('decide', yes);
    expect((await probes.untilEnded(id)).state).toBe('completed');
  }
  return Promise.all(sagas.map(({ id }) => probes.marks(id)));
}

const replay = (bundle: 'careless' | 'careful', id: string) =>
  probes.replay(id, { codePath: bundles.get(bundle) });

test('added without care, a step stops the sagas that are past its place: the replay of their histories says so', async () => {
  const { id } = await waiting();
  await expect(replay('careless', id)).rejects.toThrow(/Nondeterminism/);
  await expect(replay('careful', id)).resolves.toBeUndefined();
});

test('added with care, it is left out by sagas that are past its place, also over runs, and done by new ones', async () => {
  const past = ['a', 'c'];
  expect(await marksAround('careful')).toEqual([past, past, past, ['a', 'b', 'c']]);
});

test('so is one that was added to a branch', async () => {
  await deploy('branch-before');
  expect(await marksAround('branch-careful')).toEqual([['a'], ['a'], ['a'], ['a', 'b']]);
});

test('added without care, a step is not taken for one that was parked in its place over runs', async () => {
  const { system } = probes;
  await deploy('under-way');
  const { id, handle } = await probes.start([], { b: 'refuse' });
  await probes.untilState(id, 'parked');
  for (let n = 0; n < 40; n++) await handle.signal('noise');
  await expect.poll(() => probes.runs(id), { timeout: 10_000 }).toBeGreaterThan(1);
  await probes.untilState(id, 'parked');

  await deploy('under-way-careless');
  const current = system.temporal.client.workflow.getHandle(`probe-${id}`);
  probes.heal(id);
  await current.signal('retry', { by: 'olga', reason: 'fine' });
  const failures = async () =>
    JSON.stringify(
      (await current.fetchHistory()).events?.map((event) => event.workflowTaskFailedEventAttributes),
    );
  await expect.poll(failures, { timeout: 20_000 }).toContain('blue was under way where it now calls green');
  expect(await probes.marks(id)).toEqual([]);

  await deploy('under-way');
  expect((await probes.untilEnded(id)).state).toBe('completed');
  expect(await probes.marks(id)).toEqual(['b']);
});

test('a saga that is reset to before the new step goes the way that it went before', async () => {
  const { system } = probes;
  await deploy('before');
  const past = await waiting();
  await deploy('careful');
  await resetToBefore(system, `probe-${past.id}`, 'red');
  await probes.untilState(past.id, 'waiting');
  await system.temporal.client.workflow.getHandle(`probe-${past.id}`).signal('decide', yes);
  expect((await probes.untilEnded(past.id)).state).toBe('completed');
  expect(await probes.marks(past.id)).toEqual(['a', 'c']);
});

test('a saga of which nobody knows how far it came leaves it out: what it has done it did the old way', async () => {
  const doubtful = await startProbes({ code: 'careful', placed: 'unknown' });
  const { id, handle } = await doubtful.start([]);
  await doubtful.untilState(id, 'waiting');
  await handle.signal('decide', yes);
  expect((await doubtful.untilEnded(id)).state).toBe('completed');
  expect(await doubtful.marks(id)).toEqual(['a', 'c']);
  await doubtful.end();
});

test('one that was cancelled and has committed its pivot without recording it leaves it out as well', async () => {
  const doubtful = await startProbes({ code: 'careful-pivot', placed: 'unknown' });
  const id = crypto.randomUUID();
  await doubtful.runAhead(id, [{ step: 'red', label: 'a' }, { pivot: 'p' }]);
  doubtful.spoil(id, 'a', 'waits');
  const { handle } = await doubtful.start([], {}, {}, { workflowId: `probe-${id}` });
  const scheduled = async () => JSON.stringify((await handle.fetchHistory()).events);
  await expect.poll(scheduled, { timeout: 10_000 }).toContain('do:red@1');
  await handle.cancel();
  doubtful.heal(id);
  expect((await doubtful.untilEnded(id)).state).toBe('completed');
  expect(await doubtful.marks(id)).toEqual(['a', 'p']);
  await doubtful.end();
});
