import { type Log, step } from '../../scripts/stack/progress.ts';
import { prepareDatabases } from '../../src/guard/migrate.ts';
import type { Contender } from '../contenders.ts';
import type { Durability } from '../durability.ts';
import type { Settings } from '../engine.ts';
import type { Place } from '../stack.ts';
import { startApi } from './api.ts';
import { postgresDurability, startPostgres } from './postgres.ts';
import { findRestate, startRestate } from './restate.ts';
import { startTemporal } from './temporal.ts';

interface Server {
  /** Its processes, by the names that the supervisor knows. */
  processes: string[];
  /** What the contenders' processes are told. */
  settings: Partial<Settings>;
  /** For the report. */
  title: string;
  version: string;
  durability: string;
}

type Name = NonNullable<Contender['server']>;

export interface Servers {
  postgresUrl: string;
  /** What could not be had here has no entry. */
  found: Map<Name, Server>;
  described: Pick<Server, 'title' | 'version' | 'durability'>[];
}

/** Starts the servers that the contenders need, on the one Postgres server. */
export async function startServers(
  place: Place,
  contenders: Contender[],
  durability: Durability,
  log: Log,
): Promise<Servers> {
  const needed = new Set(contenders.flatMap(({ server }) => server ?? []));
  const ready = <T>(name: string, start: () => Promise<T>) =>
    step(log, name, 'waiting for its first answer', start);
  const postgres = await ready('Postgres', () => startPostgres(place, durability));
  const found = new Map<Name, Server>();
  if (needed.has('temporal') || needed.has('api'))
    found.set('temporal', await ready('Temporal', () => startTemporal(place, durability, log)));
  if (contenders.some(({ runs }) => runs === 'origination'))
    await prepareDatabases(place.stack.config.databases, () => {});
  const temporal = found.get('temporal');
  if (needed.has('api') && temporal) {
    const api = await ready('API and worker', () => startApi(place));
    found.set('api', { ...temporal, settings: { api } });
  }
  const restate = findRestate();
  if (needed.has('restate') && restate)
    found.set('restate', await ready('Restate', () => startRestate(restate, place, durability)));
  const all = [...found.values()].filter(({ settings }) => settings.api === undefined);
  return {
    postgresUrl: postgres.url,
    found,
    described: [
      { title: 'Postgres', version: postgres.version, durability: await postgresDurability(postgres.url) },
      ...all,
    ],
  };
}
