import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { removeHome } from '../../scripts/stack/home.ts';
import { identify } from '../../scripts/stack/processes.ts';
import { project } from '../compose/files.ts';
import { start } from '../compose/programs.ts';
import { eventually } from './support.ts';

const record = z.object({ children: z.array(z.object({ pid: z.number() })) });

test('tests that are interrupted leave no Postgres behind', async () => {
  const vitest = join(project, 'node_modules', '.bin', 'vitest');
  const tests = start([process.execPath, vitest, 'run', 'test/money'], project, process.env);
  const home = join(project, '.unwind', 'tests', String(tests.pid));
  onTestFinished(async () => void (await removeHome(home, () => {})));
  await eventually(() => childrenIn(home).length > 0, 'its Postgres', 50_000);
  const [postgres = 0] = childrenIn(home);
  expect(await tests.stop('SIGINT')).toBe(130);
  await eventually(() => identify(postgres) === undefined, 'the end of its Postgres');
});

function childrenIn(home: string): number[] {
  try {
    return record
      .parse(JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8')))
      .children.map(({ pid }) => pid);
  } catch {
    return [];
  }
}
