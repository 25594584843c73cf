import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPorts, freePort } from '../../scripts/stack/ports.ts';
import { type Program, start } from './programs.ts';

interface Settings {
  /** The folder of its programs. */
  programs: string;
  folder: string;
  port: number;
  databaseUrl: string;
}

/** The four services of a Temporal server in one process, on its two databases. */
export async function startTemporalServer(settings: Settings): Promise<Program> {
  const { programs, folder, port, databaseUrl } = settings;
  const { host, username, password } = new URL(databaseUrl);
  const store = (databaseName: string) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: host,
      connectProtocol: 'tcp',
      user: username,
      password,
      maxConns: 5,
      maxIdleConns: 5,
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
      numHistoryShards: 4,
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
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'compose.yaml'), JSON.stringify(config));
  const command = [join(programs, 'temporal-server'), '--root', folder, '--config', '.', '--env', 'compose'];
  return start([...command, '--allow-no-auth', 'start'], folder, process.env);
}

/** Temporal keeps this one in a smallint, and the ports that the system gives away are mostly above it. */
async function membershipPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const wish = { port, host: '127.0.0.1', wantedBy: 'Temporal', variable: 'none' };
    if (
      await checkPorts([wish]).then(
        () => true,
        () => false,
      )
    )
      return port;
  }
}
