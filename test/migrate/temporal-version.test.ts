import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareTemporal } from '../../src/migrate/prepare-temporal.ts';
import { isTooOld } from '../../src/migrate/temporal-version.ts';
import { grpcProxy } from '../support/grpc-proxy.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ roles: [] });
});
afterAll(() => system.end());

test.each([
  ['0.99.0', true],
  ['1.9.9', true],
  ['1.26.3', true],
  ['1.27.0', false],
  ['1.31.0-rc.1', false],
  ['2.0.0', false],
  ['', false],
])('Temporal %s is too old: %s', (version, old) => {
  expect(isTooOld(version)).toBe(old);
});

test('a Temporal server that is too old is refused, with the version that is needed', async () => {
  const { connection, namespace } = system.config.temporal;
  const { serverVersion } = await system.temporal.connection.workflowService.getSystemInfo({});
  const proxy = await grpcProxy(system.temporal.address);
  const prepare = () => prepareTemporal({ ...connection, address: proxy.address }, namespace, () => {});
  await prepare();
  const old = '1.26.2'.padEnd(serverVersion.length, '0');
  proxy.change('GetSystemInfo', serverVersion, old);
  await expect(prepare()).rejects.toThrow(
    `Temporal at ${proxy.address} is version ${old}: Unwind needs 1.27 or newer`,
  );
  proxy.close();
});
