import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { removeHome } from '../../scripts/stack/home.ts';
import { identify } from '../../scripts/stack/processes.ts';
import { project } from '../compose/files.ts';
import { start } from '../compose/programs.ts';
import { childrenOf, eventually } from './support.ts';

const homes = join(project, '.unwind', 'tests');
const namesOf = () => (existsSync(homes) ? readdirSync(homes) : []);

test.each([
  ['SIGINT', join('node_modules', '.bin', 'vitest'), ['run']],
  ['SIGTERM', join('scripts', 'test.mjs'), []],
] as const)(
  'tests that are ended by %s to %s end their vitest and their Postgres',
  async (signal, program, options) => {
    const others = namesOf();
    const tests = start([process.execPath, program, ...options, 'test/money'], project, process.env);
    const ofRun = () => namesOf().filter((name) => !others.includes(name));
    const processes = () => ofRun().flatMap((name) => [Number(name), ...childrenIn(join(homes, name))]);
    onTestFinished(async () => {
      for (const name of ofRun()) await removeHome(join(homes, name), () => {});
    });
    await eventually(() => processes().length === 2, 'its vitest and its Postgres', 50_000);
    const left = processes();
    expect([130, 143]).toContain(await tests.stop(signal));
    await eventually(() => left.every((pid) => identify(pid) === undefined), 'their end');
  },
);

test('SIGTERM while Temporal servers run ends them and their tests', async () => {
  const program = join('scripts', 'test.mjs');
  const tests = start([process.execPath, program, 'test/saga/parallel'], project, process.env);
  const servers = () => descendantsOf(tests.pid).filter(({ command }) => command.includes('start-dev'));
  await eventually(() => servers().length > 0, 'a Temporal server', 50_000);
  const left = descendantsOf(tests.pid);
  expect(await tests.stop('SIGTERM')).toBe(143);
  await eventually(() => left.every(({ pid }) => identify(pid) === undefined), 'their end');
});

function descendantsOf(ancestor: number): { pid: number; command: string }[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const all = stdout.split('\n').flatMap((line) => {
    const [, pid, parent, command] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
    return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
  const below = (of: number): typeof all =>
    all.filter(({ parent }) => parent === of).flatMap((child) => [child, ...below(child.pid)]);
  return below(ancestor);
}

/** None before the record is written. */
function childrenIn(home: string): number[] {
  try {
    return childrenOf(home).map(({ pid }) => pid);
  } catch {
    return [];
  }
}
