import { readFileSync, statSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { until } from '../../scripts/stack/processes.ts';
import type { Log } from '../../scripts/stack/progress.ts';
import { createTemporalClient } from '../../src/api/temporal.ts';
import { prepareDatabases } from '../../src/migrate/prepare-databases.ts';
import { type ApiEnvironment, apiEnvironment, type Placement, startApi } from '../servers/api.ts';
import { startPostgres } from '../servers/postgres.ts';
import { startTemporal } from '../servers/temporal.ts';
import type { Place } from '../stack.ts';

/** The system under test: the stack of `npm start`, with fsync. */
export interface Ground {
  place: Place;
  api: string;
  temporal: Client;
  placement: Placement;
  /** The environment of each of Unwind's processes. */
  environment: ApiEnvironment;
  /** The supervisor's name for the process that runs the workers. */
  working: 'worker' | 'api';
  log: Log;
}

export async function startGround(place: Place, placement: Placement, log: Log) {
  const { stack } = place;
  const postgres = await startPostgres(place, 'fsync');
  await prepareDatabases(stack.config.databases, () => {});
  const temporalServer = await startTemporal(place, 'fsync', log);
  const { connection, namespace } = stack.config.temporal;
  const temporal = createTemporalClient(connection, namespace);
  const working = placement === 'apart' ? 'worker' : 'api';
  const environment = await apiEnvironment(place, placement);
  const api = await startApi(place, environment);
  await untilWorking(place.logFile(working));
  const ground: Ground = { place, api, temporal, placement, environment, working, log };
  const servers = { postgres: postgres.version, temporal: temporalServer.version };
  return { ground, servers };
}

/** Waits until the process logs, after the offset `from`, that its workers run. */
export async function untilWorking(
  logFile: string,
  { from = 0, hasEnded = (): boolean => false } = {},
): Promise<void> {
  const logged = () => readFileSync(logFile).subarray(from);
  const works = () => logged().includes('"msg":"working"');
  if ((await until(() => works() || hasEnded(), 120_000)) && works()) return;
  throw new Error(`No worker works. Its log ends:\n${logged().toString().slice(-2_000)}`);
}

export const lengthOf = (file: string) => statSync(file).size;
