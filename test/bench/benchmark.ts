import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject, onTestFinished } from 'vitest';

const project = join(import.meta.dirname, '..', '..');

/** `npm run bench`, with a home of its own. */
export function benchmark(home: string, options: string[]) {
  const env = { ...process.env, UNWIND_HOME: home, TEMPORAL_CLI_PATH: inject('temporalCli') };
  const args = ['--import', 'tsx', 'bench/run.ts', ...options];
  return promisify(execFile)(process.execPath, args, { cwd: project, env });
}

export function freshFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'unwind-bench-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
