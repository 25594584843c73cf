import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, onTestFinished, test } from 'vitest';

const project = join(import.meta.dirname, '..', '..');

test('the benchmark runs to its end, prints its table and leaves nothing behind', async () => {
  const home = mkdtempSync(join(tmpdir(), 'unwind-bench-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const env = { ...process.env, UNWIND_HOME: home, TEMPORAL_CLI_PATH: inject('temporalCli') };
  const args = ['--import', 'tsx', 'bench/run.ts', '--sagas', '3', '--warm-up', '1'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: project, env });

  expect(stdout).toMatch(/Postgres +18\.\d+: fsync on/);
  expect(stdout).toMatch(/Temporal +Server [\d.]+, .*journal_mode WAL/);
  const row = (way: string) => new RegExp(`^${way} +3 +[\\d.]+ ms +[\\d.]+ ms +[\\d.]+ ×$`, 'm');
  expect(stdout).toMatch(row('POST to completed.*'));
  expect(stdout).toMatch(row('POST with Prefer: wait.*'));
  expect(stdout).toMatch(row('floor: the same SQL without an engine'));
  expect(readdirSync(home)).toEqual([]);
}, 120_000);
