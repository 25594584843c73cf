import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { embeddedDatabaseUrl } from '../../src/config.ts';
import { type Account, postgresAccount, postgresPlace } from './postgres-account.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import { commandOf, endProcess, identify, until } from './processes.ts';
import type { ChildSpec } from './supervisor.ts';

type Cluster = { binaries: string; data: string; account: Account | undefined; fast: boolean };

const { username, password } = new URL(embeddedDatabaseUrl(0));

/** Creates the cluster if it is missing. `fast`, for tests, survives a crash of Postgres but not of the machine. */
export async function prepareCluster(home: string, { fast = false } = {}): Promise<Cluster> {
  const known = join(home, 'postgres');
  const account = postgresAccount(known);
  const binaries = postgresBinaries(home, account);
  const gone = lstatSync(known, { throwIfNoEntry: false })?.isSymbolicLink() && !existsSync(known);
  if (gone)
    throw new Error(`${known} points to data that is missing. Restore it, or start over: npm run reset`);
  if (!existsSync(known)) createCluster(home, { binaries, data: known, account, fast });
  const data = realpathSync(known);
  await endPostmasterOf(data);
  return { binaries, data, account, fast };
}

export function postgresChild(
  { binaries, data, account, fast }: Cluster,
  port: number,
  logFile: string,
): ChildSpec {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 400,
    ...(fast && { fsync: 'off', full_page_writes: 'off' }),
  };
  return {
    name: 'postgres',
    command: join(binaries, 'bin', 'postgres'),
    args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    cwd: '/',
    ...(account && { account }),
    // SIGTERM waits until all clients have disconnected. SIGQUIT leaves out the checkpoint, which takes long.
    stopSignal: fast ? 'SIGQUIT' : 'SIGINT',
    logFile,
  };
}

export async function postgresReady(port: number, logFile: string, limitMs = 60_000): Promise<void> {
  let reason: unknown;
  const answers = async () => {
    const sql = postgres(`${embeddedDatabaseUrl(port)}/postgres`, {
      max: 1,
      connect_timeout: 2,
      onnotice: () => {},
    });
    try {
      await sql`select 1`;
      return true;
    } catch (error) {
      reason = error;
      return false;
    } finally {
      await sql.end({ timeout: 0 });
    }
  };
  if (await until(answers, limitMs)) return;
  throw new Error(
    `Postgres did not respond within ${limitMs / 1000} s (${reason}). Its log shows why: ${logFile}`,
  );
}

function createCluster(home: string, { binaries, data, account, fast }: Cluster): void {
  const place = postgresPlace(home, account);
  const whole = join(place, 'postgres');
  for (const name of readdirSync(place).filter((name) => /^postgres(\.half-.*)?$/.test(name))) {
    rmSync(join(place, name), { recursive: true, force: true, maxRetries: 20 });
  }
  // A new name each time: an initdb that outlived its killed parent may still write to the last one.
  const half = mkdtempSync(`${whole}.half-`);
  const secret = join(half, '..', 'postgres.password');
  writeFileSync(secret, password, { mode: 0o600 });
  if (account) for (const path of [half, secret]) chownSync(path, account.uid, account.gid);
  const { status, stderr, error } = spawnSync(
    join(binaries, 'bin', 'initdb'),
    [
      ...[`--pgdata=${half}`, `--username=${username}`, `--pwfile=${secret}`, '--auth=scram-sha-256'],
      ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      ...(fast ? ['--no-sync'] : []),
    ],
    { ...account, cwd: '/', encoding: 'utf8' },
  );
  rmSync(secret);
  if (status !== 0) throw new Error(`initdb failed in ${half}: ${error?.message ?? stderr.trim()}`);
  renameSync(half, whole);
  if (whole !== data) symlinkSync(whole, data);
}

/** A killed supervisor leaves its postmaster running, which holds the folder. */
async function endPostmasterOf(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const started = identify(pid);
  if (!started || !commandOf(pid)?.includes(data)) return;
  await endProcess({ pid, started, stopSignal: 'SIGINT' }, 10_000);
}
