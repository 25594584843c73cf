import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/stack/ports.ts';
import { until } from '../../scripts/stack/processes.ts';
import type { Durability } from '../durability.ts';
import type { Place } from '../stack.ts';

/** One node with its own log, which it syncs before it acknowledges: its default. */
export async function startRestate(
  program: string,
  { home, supervisor, logFile }: Place,
  durability: Durability,
) {
  const [ingress, admin, fabric] = [await freePort(), await freePort(), await freePort()];
  const folder = join(home.path, 'restate');
  mkdirSync(folder, { recursive: true });
  supervisor.start({
    name: 'restate',
    command: program,
    args: ['--no-logo', '--listen-mode', 'tcp', '--base-dir', folder, '--node-name', 'bench'],
    cwd: folder,
    env: {
      RESTATE_BIND_ADDRESS: `127.0.0.1:${fabric}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${fabric}/`,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_LOG_SERVER__ROCKSDB_DISABLE_WAL_FSYNC: String(durability === 'relaxed'),
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LOG_FILTER: 'warn',
      DO_NOT_TRACK: '1',
    },
    logFile: logFile('restate'),
  });
  const urls = { ingress: `http://127.0.0.1:${ingress}`, admin: `http://127.0.0.1:${admin}` };
  const healthy = async () =>
    (await answers(`${urls.admin}/health`)) && (await answers(`${urls.ingress}/restate/health`));
  if (!(await until(healthy, 60_000)))
    throw new Error(`Restate did not answer within a minute. Its log shows why: ${logFile('restate')}`);
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return {
    processes: ['restate'],
    settings: { restate: urls },
    title: 'Restate',
    version: /[\d.]+/.exec(stdout)?.[0] ?? stdout.trim(),
    durability: `one node; its log's WAL ${durability === 'fsync' ? 'is synced before a write counts, as it comes' : 'is not synced'}`,
  };
}

const answers = async (url: string) =>
  (await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined))?.ok === true;
