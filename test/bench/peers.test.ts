import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { peersFolder } from '../../bench/peers.ts';
import { project } from '../../bench/stack.ts';

const areInstalled = existsSync(join(peersFolder, 'node_modules', '@dbos-inc', 'dbos-sdk'));

test.skipIf(!areInstalled)('the peers have no type errors, where the benchmark has installed them', () => {
  const tsc = join(project, 'node_modules', '.bin', 'tsc');
  const { stdout, status } = spawnSync(tsc, ['-p', peersFolder], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});
