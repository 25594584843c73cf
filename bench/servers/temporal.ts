import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../scripts/stack/progress.ts';
import { findTemporalCli, serverVersion } from '../../scripts/stack/temporal-cli.ts';
import { temporalChild, temporalReady } from '../../scripts/stack/temporal-server.ts';
import { prepareTemporal } from '../../src/migrate/prepare-temporal.ts';
import type { Durability } from '../durability.ts';
import type { Place } from '../stack.ts';

/** Temporal's dev server on an SQLite file, with the settings of `npm start`. */
export async function startTemporal(
  { stack, home, supervisor, logFile }: Place,
  durability: Durability,
  log: Log,
) {
  const cli = await findTemporalCli({ ...stack, configured: stack.temporalCli, log });
  const { connection, namespace } = stack.config.temporal;
  const server = {
    cli,
    port: stack.temporal?.port ?? 0,
    databaseFile: join(home.path, 'temporal', 'temporal.db'),
    logFile: logFile('temporal'),
  };
  const child = temporalChild(server);
  const synchronous = durability === 'fsync' ? 'FULL' : 'OFF';
  const args = [...child.args, '--sqlite-pragma', `synchronous=${synchronous}`];
  supervisor.start({ ...child, args });
  await temporalReady(server);
  await prepareTemporal(connection, namespace, () => {});
  // Where SQLite's file format has the version to write with.
  const journal = readFileSync(server.databaseFile)[18] === 2 ? 'WAL' : 'other than WAL';
  return {
    processes: ['temporal'],
    settings: { temporal: connection.address },
    title: 'Temporal',
    version: serverVersion(cli),
    durability: `one process, SQLite file: journal_mode ${journal}, synchronous ${synchronous}`,
  };
}
