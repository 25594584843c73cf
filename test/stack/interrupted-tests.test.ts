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

/** None before the record is written. */
function childrenIn(home: string): number[] {
  try {
    return childrenOf(home).map(({ pid }) => pid);
  } catch {
    return [];
  }
}
