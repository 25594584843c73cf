import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { keepClosedWorkflows, temporalReady } from '../../scripts/stack/temporal-server.ts';
import { createTemporalClient } from '../../src/api/temporal.ts';
import { loadConfig } from '../../src/config.ts';
import { type System, startSystem, temporalVariables } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ roles: [] });
});
afterAll(() => system.end());
afterEach(() => vi.unstubAllEnvs());

/** A proxy that nobody answers at, and no exception from it. */
function behindProxy() {
  for (const name of ['grpc_proxy', 'https_proxy', 'http_proxy']) vi.stubEnv(name, 'http://127.0.0.1:1');
  for (const name of ['no_grpc_proxy', 'no_proxy']) vi.stubEnv(name, undefined);
}

test('behind a proxy the API asks a Temporal server on this machine directly', async () => {
  behindProxy();
  const { connection, namespace } = loadConfig(temporalVariables(system.temporal)).temporal;
  const client = createTemporalClient(connection, namespace);
  const asked = client.withDeadline(Date.now() + 5_000, () =>
    client.workflowService.describeNamespace({ namespace }),
  );
  await expect(asked.finally(() => client.connection.close())).resolves.toMatchObject({
    namespaceInfo: { name: namespace },
  });
});

test('and so does npm start', async () => {
  behindProxy();
  const { address } = system.temporal;
  const cli = '';
  await temporalReady({ cli, port: Number(address.split(':')[1]), logFile: 'none' }, 5_000);
  await keepClosedWorkflows(address, 'default', '2 days');
});

test('a server elsewhere is asked through the proxy', () => {
  const { connection } = loadConfig({ TEMPORAL_ADDRESS: 'temporal.example:7233' }).temporal;
  expect(connection).not.toHaveProperty('channelArgs');
});

test.each(['127.0.0.1:7233', 'localhost:7233', 'localhost', '[::1]:7233'])(
  '%s is this machine',
  (address) => {
    const { connection } = loadConfig({ TEMPORAL_ADDRESS: address }).temporal;
    expect(connection.channelArgs).toEqual({ 'grpc.enable_http_proxy': 0 });
    expect(connection.grpcCompression).toEqual({ codec: 'none' });
  },
);
