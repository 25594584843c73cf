import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/guard/database.ts';
import { createLogger } from '../../src/logger.ts';
import { alertIfParked } from '../../src/relay/raise-alert.ts';
import { silentProxy } from '../support/silent-proxy.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ roles: [] });
});
afterAll(() => system.end());

test('while Temporal does not respond nothing is parked, and that is decided well within the lease', async () => {
  const proxy = await silentProxy(`tcp://${system.temporal.address}`);
  const connection = await Connection.connect({ address: new URL(proxy.url).host });
  const registry = openDatabase(system.databases.unwind);
  const alerting = {
    temporal: new Client({ connection }),
    registry,
    sagaLink: (id: string) => `/sagas/${id}`,
    logger: createLogger('relay', 'silent'),
  };
  proxy.silence();
  const began = performance.now();
  const what = { saga_id: crypto.randomUUID(), step: null, op: null, error: 'no', since: '' };
  const parking = { park: true, counts: true, retryInMs: 10 };
  expect(await alertIfParked(alerting, parking, 'order-1-20', what)).toEqual({
    park: false,
    counts: false,
    retryInMs: 10,
  });
  expect(performance.now() - began).toBeLessThan(15_000);
  proxy.close();
  await Promise.all([connection.close(), registry.end()]);
});
