import { defineConfig } from 'vitest/config';
import { temporalEnvironment } from './scripts/stack/temporal-server.ts';
import LongFirst from './scripts/test-sequencer.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: './test/global-setup.ts',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    maxConcurrency: 12,
    hookTimeout: 60_000,
    env: { ...temporalEnvironment, NODE_ENV: 'test' },
    sequence: { sequencer: LongFirst },
    reporters: ['default', './scripts/test-reporter.ts'],
  },
});
