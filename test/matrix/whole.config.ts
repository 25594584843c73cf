import { join } from 'node:path';
import { defineConfig, mergeConfig } from 'vitest/config';
import shared from '../../vitest.config.ts';

/** For `npm run matrix`. */
export default mergeConfig(
  { ...shared, test: { ...shared.test, include: ['test/matrix/whole.matrix.ts'] } },
  defineConfig({ root: join(import.meta.dirname, '..', '..') }),
);
