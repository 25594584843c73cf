import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporalChild } from '../../scripts/stack/temporal-server.ts';
import { temporaryFolder } from './support.ts';

test('the embedded Temporal may read its queues 2000 times a second, with and without a file', () => {
  const folder = temporaryFolder();
  const server = { cli: 'temporal', port: 7233, logFile: join(folder, 'log') };
  for (const databaseFile of [undefined, join(folder, 'temporal.db')]) {
    const { args } = temporalChild({ ...server, ...(databaseFile && { databaseFile }) });
    const option = args.indexOf('history.transferProcessorMaxPollRPS=2000');
    expect(args[option - 1]).toBe('--dynamic-config-value');
  }
});
