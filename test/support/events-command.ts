import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { databaseNames } from '../../src/service-names.ts';
import type { Databases } from './databases.ts';

const project = join(import.meta.dirname, '..', '..');

/** Where a process finds the databases of a test. */
export const databaseVariables = (databases: Databases) =>
  Object.fromEntries(databaseNames.map((name) => [`${name.toUpperCase()}_DATABASE_URL`, databases[name]]));

/** `npm run events`, as a process. */
export function runEvents(args: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, ['scripts/run.mjs', 'src/events.ts', ...args], {
    cwd: project,
    env: { ...process.env, ...env },
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk) => {
      said[name] += chunk;
    });
  return new Promise<typeof said & { code: number | null }>((resolve) => {
    child.once('close', (code) => resolve({ ...said, code }));
  });
}
