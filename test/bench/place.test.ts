import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { takePlace } from '../../bench/stack.ts';
import { freshFolder } from './benchmark.ts';

test('a place that an interrupt leaves while it is being left is left once', async () => {
  const home = freshFolder();
  vi.stubEnv('UNWIND_HOME', home);
  const place = await takePlace(() => {});
  await Promise.all([place.leave(), place.leave()]);
  expect(existsSync(join(home, 'bench'))).toBe(false);
});
