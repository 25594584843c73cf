import { defineConfig } from 'vitest/config';
import { temporalEnvironment } from './scripts/stack/temporal-server.ts';
import LongFirst from './scripts/test-sequencer.ts';

// Neither UTC nor whole hours from it: dates are UTC wherever Unwind runs. Postgres and child processes inherit it.
process.env['TZ'] = 'Pacific/Chatham';

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
