import { readdirSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { project } from './compose/files.ts';
import { start, stopAll } from './compose/programs.ts';
import { temporaryFolder } from './stack/support.ts';

afterAll(stopAll);

test.each([
  ['src/migrate.ts', 1, 'npm run migrate prepares the databases and Temporal: it has no options\n'],
  ['src/audit.ts', 2, 'npm run audit checks what must hold across the databases: it has no options\n'],
  ['scripts/stack/main.ts', 1, 'npm start has one option: --demonstrations\n'],
])('%s --help only says which options there are', async (script, code, said) => {
  const { PATH, HOME } = process.env;
  const home = temporaryFolder();
  const program = start([process.execPath, 'scripts/run.mjs', script, '--help'], project, {
    PATH,
    HOME,
    UNWIND_HOME: home,
    DATABASE_URL: 'postgres://127.0.0.1:1',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  });
  expect(await program.ended).toBe(code);
  expect(program.printed()).toBe(said);
  expect(readdirSync(home)).toEqual([]);
});
