import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: './test/global-setup.ts',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    maxConcurrency: 12,
    hookTimeout: 60_000,
    reporters: ['default', './scripts/test-reporter.ts'],
  },
});
