import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openArena } from '../../bench/arena.ts';
import { choose } from '../../bench/choice.ts';
import { startContender } from '../../bench/contender-process.ts';
import { type Contender, contenders, subject } from '../../bench/contenders.ts';
import { lackedBy } from '../../bench/engines/unwind/newer.ts';
import type { Load } from '../../bench/messages.ts';
import { runPhase, runPhases } from '../../bench/phase.ts';
import type { Phase } from '../../bench/results.ts';
import { type Running, runRounds } from '../../bench/rounds.ts';
import { findPrograms } from '../../bench/servers/temporal-on-postgres.ts';
import { project } from '../../bench/stack.ts';
import { takeHome } from '../../scripts/stack/home.ts';
import { identify, isSameProcess } from '../../scripts/stack/processes.ts';
import { createSupervisor } from '../../scripts/stack/supervisor.ts';
import { loadStackConfig } from '../../src/config-stack.ts';
import { freshFolder } from './benchmark.ts';
import { line } from './lines.ts';

const log = () => {};
const engine = '../test/bench/made-up-engine';

const madeUp = (name: string): Contender => ({
  name,
  title: name,
  engine,
  taskQueue: 'none',
  part: 'peer',
  runs: 'nothing',
});

async function started(name: string, limitMs?: number) {
  const settings = { name, taskQueue: '', engine, databaseUrl: '', bundles: '' };
  const logFile = join(freshFolder(), 'log');
  const process = await startContender(project, settings, { logFile, ...(limitMs && { limitMs }) });
  onTestFinished(process.kill);
  const identity = { pid: process.pid, started: identify(process.pid) ?? '' };
  return { ...process, isAlive: () => isSameProcess(identity) };
}

const aLoad: Load = { way: { kind: 'at-once', atOnce: 2 }, refused: false, seconds: 0.1, sagas: 3 };

test('a contender that hangs is killed, and told of with its limit', async () => {
  const { load, isAlive } = await started('hangs', 900);
  await expect(load(aLoad)).rejects.toThrow('hangs did not reply within 1 s, and was killed');
  expect(isAlive()).toBe(false);
});

test('a contender that dies during a load is told of, and asked for nothing any more', async () => {
  const { load, close } = await started('dies');
  await expect(load(aLoad)).rejects.toThrow(/^dies has died\. Its log ends:/);
  await expect(load(aLoad)).rejects.toThrow(/^dies has died/);
  await close();
});

test('a contender that cannot be opened is left out, and the others are there', async () => {
  const home = await takeHome(join(freshFolder(), 'home'), log);
  const place = {
    stack: loadStackConfig(),
    home,
    supervisor: createSupervisor({ home, log }),
    logFile: (name: string) => join(home.path, `${name}.log`),
  };
  const servers = { postgresUrl: '', found: new Map(), missing: {}, described: [] };
  const both = [madeUp('does-not-open'), madeUp('works')];
  const { running, failed, close } = await openArena(place, both, servers, { log });
  onTestFinished(close);
  expect(running.map(({ contender }) => contender.name)).toEqual(['works']);
  expect(failed).toEqual({ 'does-not-open': expect.stringMatching(/^does-not-open: .*the door is locked/) });

  const subjectAlone = [{ ...madeUp(subject), engine: '../test/bench/no-such-engine' }];
  await expect(openArena(place, subjectAlone, servers, { log })).rejects.toThrow(/no-such-engine/);
});

/** A contender whose sagas take no time; `fail`: at its load of this number. */
function running(name: string, fail?: { at: number; error?: Error; rows?: Error }) {
  const [loads, killed]: [Load[], boolean[]] = [[], []];
  const each: Running = {
    contender: madeUp(name),
    process: {
      pid: 0,
      async load(load) {
        loads.push(load);
        if (fail?.error && loads.length === fail.at) throw fail.error;
        return { ids: ['a', 'b'], milliseconds: [1, 2], perSecond: 2 };
      },
      close: async () => {},
      kill: async () => void killed.push(true),
    },
    pids: { application: [], engine: [], postgres: [] },
    async check() {
      if (fail?.rows && loads.length === fail.at) throw fail.rows;
    },
  };
  return { each, loads, killed };
}

const plan = { rounds: 2, sagas: 3, short: true, until: Number.POSITIVE_INFINITY, log };
const error = new Error('the saga went wrong');

test('who fails in any load is left out of all of them with its reason, and the others are measured', async () => {
  const all = [
    running('fails-at-once', { at: 1, error }),
    running('fails-later', { at: 6, error }),
    running('wrong-rows', { at: 3, rows: new Error('left 3 effects') }),
    running('works'),
  ];
  const { rows, failed } = await runRounds(
    all.map(({ each }) => each),
    plan,
  );
  expect(failed).toEqual({
    'fails-at-once': 'the saga went wrong',
    'fails-later': 'the saga went wrong',
    'wrong-rows': 'left 3 effects',
  });
  expect(rows.map(({ contender, part, rounds }) => [contender.name, part.way, rounds.length])).toEqual([
    ['works', 'one at a time', 2],
    ['works', '50 at once', 2],
    ['works', 'arrivals', 2],
  ]);
  expect(all.map(({ killed, loads }) => [killed.length, loads.length])).toEqual([
    [1, 1],
    [1, 6],
    [1, 3],
    [0, 7],
  ]);
});

test('a short run that has no time for all leaves out the others, not those of which the ratios are', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const all = ['floor', 'restate', 'unwind', 'noop', 'plain', 'dbos', subject].map((name) => {
    const { each } = running(name);
    const load: typeof each.process.load = (ordered) => {
      vi.setSystemTime(Date.now() + 10_000);
      return each.process.load(ordered);
    };
    return { ...each, process: { ...each.process, load } };
  });
  const { rows, failed } = await runRounds(all, { ...plan, until: Date.now() + 75_000 });
  expect(new Set(rows.map(({ contender }) => contender.name))).toEqual(
    new Set(['noop', 'plain', 'dbos', 'restate', subject]),
  );
  expect(Object.keys(failed)).toEqual(['floor', 'unwind']);
  expect(failed['unwind']).toBe('A short run had no time for it.');

  const late = await runRounds(all, { ...plan, until: Date.now() - 1 });
  expect(new Set(late.rows.map(({ contender }) => contender.name))).toEqual(new Set([subject]));
});

test.skipIf(process.platform !== 'linux')('reading the rows back is not charged to the load', async () => {
  const { each } = running('works');
  const busyMs = 500;
  const check = async () => {
    const until = performance.now() + busyMs;
    while (performance.now() < until);
  };
  const pids = { ...each.pids, application: [process.pid] };
  const { rows } = await runRounds([{ ...each, pids, check }], { ...plan, rounds: 1 });
  for (const { rounds } of rows)
    for (const { sagas, cpu_ms_per_saga } of rounds)
      expect((cpu_ms_per_saga.application ?? busyMs) * sagas).toBeLessThan(busyMs / 3);
});

test('without Unwind fast there is nothing to compare: its failure ends the rounds', async () => {
  const both = [running('works'), running(subject, { at: 2, error })].map(({ each }) => each);
  await expect(runRounds(both, plan)).rejects.toThrow(error);
});

const phase = (names: string[]): Phase => ({
  durability: 'fsync',
  servers: [],
  left_out: {},
  arrivals_per_second: 1,
  lines: names.map((name) => line(name)),
});
const conditions = {
  ...plan,
  durability: 'fsync' as const,
  contenders: contenders.filter(({ name }) => ['unwind-fast', 'dbos', 'origination'].includes(name)),
  leftOut: {},
  onPlace: () => {},
  signal: new AbortController().signal,
};
/** Names what is measured; fails where that is one of these. */
const measuring =
  (...failing: string[]): typeof runPhase =>
  async ({ contenders }) => {
    const names = contenders.map(({ name }) => name);
    if (names.some((name) => failing.includes(name))) throw error;
    return phase(names);
  };

test('when the originations fail, the four steps are told all the same', async () => {
  const { lines, left_out } = await runPhase(conditions, measuring('origination'));
  expect(lines.map(({ contender }) => contender)).toEqual(['unwind-fast', 'dbos']);
  expect(left_out).toEqual({ origination: 'the saga went wrong' });
});

test('when the four steps fail, or the originations are alone, the failure ends the benchmark', async () => {
  await expect(runPhase(conditions, measuring('dbos'))).rejects.toThrow(error);
  const alone = { ...conditions, contenders: conditions.contenders.slice(-1) };
  await expect(runPhase(alone, measuring('origination'))).rejects.toThrow(error);
});

test('a short run without time for the originations leaves them out', async () => {
  const inAMinute = { ...conditions, until: Date.now() + 60_000 };
  const { lines, left_out } = await runPhase(inAMinute, measuring());
  expect(lines.map(({ contender }) => contender)).toEqual(['unwind-fast', 'dbos']);
  expect(left_out).toEqual({ origination: 'A short run had no time for it.' });
});

test('what was missing before the servers were started is told, also when nothing else runs', async () => {
  const leftOut = { 'DBOS and Restate': 'npm ci failed' };
  for (const contenders of [[], conditions.contenders])
    expect(await runPhase({ ...conditions, contenders, leftOut }, measuring())).toMatchObject({
      left_out: leftOut,
    });
});

test('a short run names the contenders that it goes without', () => {
  const { chosen, leftOut } = choose([...contenders], { short: true });
  expect(leftOut).toEqual({
    'unwind-pg, plain-pg, noop-pg': expect.stringMatching(/^A short run goes without/),
  });
  const named = choose([...contenders], { short: true, only: ['plain-pg'] });
  expect(named).toEqual({ chosen: contenders.filter(({ name }) => name === 'plain-pg'), leftOut: {} });
  expect([...contenders].filter((each) => !chosen.includes(each)).map(({ name }) => name)).toEqual([
    'unwind-pg',
    'plain-pg',
    'noop-pg',
  ]);
  expect(choose([...contenders], { short: false })).toEqual({ chosen: contenders, leftOut: {} });
});

test('what an older version lacks is named', () => {
  expect(lackedBy(project)).toEqual([]);
  const older = freshFolder();
  mkdirSync(join(older, 'src', 'activities'), { recursive: true });
  writeFileSync(join(older, 'src', 'config.ts'), '');
  writeFileSync(join(older, 'src', 'activities', 'stretch-activities.ts'), '');
  expect(lackedBy(older)).toEqual([
    'the start with the first task in its response (old)',
    'workers without call stacks (old)',
    'calls without compression (old)',
  ]);
});

test('when all fails with relaxed durability, what was synced to disk is told all the same', async () => {
  const run = async ({ durability }: { durability: string }) => {
    if (durability === 'relaxed') throw error;
    return phase(['unwind-fast']);
  };
  const phases = await runPhases(['fsync', 'relaxed'], conditions, run);
  expect(phases).toEqual([
    { ...phase(['unwind-fast']), left_out: { 'everything, relaxed': 'the saga went wrong' } },
  ]);
  await expect(runPhases(['relaxed', 'fsync'], conditions, run)).rejects.toThrow(error);
});

test('a short run does not build the Temporal server', async () => {
  const place = { stack: { cache: freshFolder() } };
  await expect(findPrograms(place, { mayBuild: false, log })).rejects.toThrow(
    /run the benchmark once without --short/,
  );
});
