import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { areInstalled, peersFolder } from '../../bench/peers.ts';
import { project } from '../../bench/stack.ts';
import { freshFolder } from './benchmark.ts';

test.skipIf(!areInstalled(peersFolder))(
  'the peers have no type errors, where the benchmark has installed them',
  () => {
    const tsc = join(project, 'node_modules', '.bin', 'tsc');
    const { stdout, status } = spawnSync(tsc, ['-p', peersFolder], {
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  },
);

test.for([
  [`${process.platform}-${process.arch}`, false],
  ['another-platform', true],
] as const)(
  'without the Restate server of %s, which npm may skip, the peers count as installed: %s',
  ([platform, counts]) => {
    const folder = freshFolder();
    const restate = `node_modules/@restatedev/restate-server-${platform}`;
    const lock = JSON.stringify({ packages: { [restate]: {} } });
    writeFileSync(join(folder, 'package-lock.json'), lock);
    expect(areInstalled(folder)).toBe(false);
    mkdirSync(join(folder, 'node_modules'));
    const wanted = createHash('sha256')
      .update(lock)
      .update(`${process.platform}-${process.arch}`)
      .digest('hex');
    writeFileSync(join(folder, 'node_modules', '.lock-hash'), wanted);
    expect(areInstalled(folder)).toBe(counts);
    mkdirSync(join(folder, restate, 'bin'), { recursive: true });
    writeFileSync(join(folder, restate, 'bin', 'restate-server'), '');
    expect(areInstalled(folder)).toBe(true);
  },
);
