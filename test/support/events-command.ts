import { spawn } from 'node:child_process';
import { join } from 'node:path';

const project = join(import.meta.dirname, '..', '..');

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
