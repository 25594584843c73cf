import { join } from 'node:path';
import { defineConfig, mergeConfig } from 'vitest/config';
import shared from '../../vitest.config.ts';

/** For `npm run record`, which writes the histories that the tests replay. */
export default mergeConfig(
  { ...shared, test: { ...shared.test, include: ['test/replay/record.ts'] } },
  defineConfig({ root: join(import.meta.dirname, '..', '..') }),
);
