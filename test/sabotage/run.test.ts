import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mutants } from '../../scripts/sabotage/mutants.ts';

test.each(['--help', 'deadlnie'])(
  'where no name is like %s, the names are printed and nothing runs',
  (part) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['scripts/run.mjs', 'scripts/sabotage/run.ts', '--at-once', part],
      { cwd: join(import.meta.dirname, '..', '..'), encoding: 'utf8' },
    );
    expect([status, stdout]).toEqual([1, '']);
    const names = mutants.map(({ name }) => `  ${name}\n`);
    expect(stderr).toBe(`None is named like ${part}. There are:\n${names.join('')}`);
  },
);
