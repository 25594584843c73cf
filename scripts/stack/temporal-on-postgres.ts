import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, tryPort } from './ports.ts';

interface Settings {
  /** The folder with the server's programs. */
  programs: string;
  folder: string;
  port: number;
  databaseUrl: string;
  /** Fixed for the life of the databases. */
  shards?: number;
  /** To each of its two databases. */
  connections?: number;
  /** A file of dynamic configuration. */
  dynamicConfig?: string;
}

/** Writes the configuration of a Temporal server on its two databases, and returns the command that starts it. */
export async function temporalOnPostgres(settings: Settings): Promise<string[]> {
  const { programs, folder, port, databaseUrl, shards = 4, connections = 5, dynamicConfig } = settings;
  const { host, username, password } = new URL(databaseUrl);
  const store = (databaseName: string) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: host,
      connectProtocol: 'tcp',
      user: username,
      password,
      maxConns: connections,
      maxIdleConns: connections,
    },
  });
  const service = async (grpcPort: number) => ({
    rpc: { grpcPort, membershipPort: await membershipPort(), bindOnLocalHost: true },
  });
  const config = {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: shards,
      datastores: { default: store('temporal'), visibility: store('temporal_visibility') },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: {
      frontend: await service(port),
      matching: await service(await freePort()),
      history: await service(await freePort()),
      worker: await service(await freePort()),
    },
    clusterMetadata: {
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${port}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    ...(dynamicConfig && { dynamicConfigClient: { filepath: dynamicConfig, pollInterval: '1m' } }),
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'compose.yaml'), JSON.stringify(config));
  const command = [join(programs, 'temporal-server'), '--root', folder, '--config', '.', '--env', 'compose'];
  return [...command, '--allow-no-auth', 'start'];
}

/** Temporal stores this port in a smallint; the ports that the system assigns are mostly too large. */
async function membershipPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if ((await tryPort({ port, host: '127.0.0.1' })) === undefined) return port;
  }
}
