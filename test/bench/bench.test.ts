import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, onTestFinished, test } from 'vitest';

const project = join(import.meta.dirname, '..', '..');

test('the benchmark runs to its end, prints its tables and leaves nothing behind', async () => {
  const home = mkdtempSync(join(tmpdir(), 'unwind-bench-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const env = { ...process.env, UNWIND_HOME: home, TEMPORAL_CLI_PATH: inject('temporalCli') };
  const options = ['--only', 'unwind,noop,floor', '--sagas', '3', '--rounds', '1'];
  const args = ['--import', 'tsx', 'bench/run.ts', ...options];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: project, env });

  for (const load of ['granted, one at a time', 'granted, 50 at once', 'undone, 50 at once'])
    expect(stdout).toMatch(new RegExp(`^${load} +sagas.*\nUnwind +3 +[\\d.]+`, 'm'));
  expect(readdirSync(home)).toEqual([]);
}, 120_000);
