import { type Log, step } from '../../scripts/stack/progress.ts';
import { prepareDatabases } from '../../src/migrate/prepare-databases.ts';
import type { Contender } from '../contenders.ts';
import type { Durability } from '../durability.ts';
import type { Settings } from '../engine.ts';
import { type LeftOut, leaveOut } from '../left-out.ts';
import { findRestate } from '../peers.ts';
import type { Place } from '../stack.ts';
import { apiEnvironment, secondEnvironment, startApi } from './api.ts';
import { postgresDurability, startPostgres } from './postgres.ts';
import { startRestate } from './restate.ts';
import { startTemporal } from './temporal.ts';
import { findPrograms, startTemporalOnPostgres } from './temporal-on-postgres.ts';

/** For the report. */
interface Described {
  title: string;
  version: string;
  durability: string;
}

interface Server extends Described {
  /** The supervisor's names of its processes. */
  processes: string[];
  /** Settings for the contenders' processes. */
  settings: Partial<Settings>;
  unwind?: Unwind;
}

/** Unwind as a server: its processes, and its database of loans. */
interface Unwind {
  processes: string[];
  loans: string;
}

type Name = NonNullable<Contender['server']>;

export interface Servers {
  postgresUrl: string;
  found: Map<Name, Server>;
  /** Why a server could not be started here. */
  missing: LeftOut;
  described: Described[];
}

function unwindOn(temporal: Server | undefined, { api, ...unwind }: { api: string } & Unwind): Server {
  if (!temporal) throw new Error('it needs the Temporal server');
  return { ...temporal, settings: { api }, unwind };
}

/** Starts the shared Postgres server and the other servers that the contenders need. */
export async function startServers(
  place: Place,
  contenders: Contender[],
  { durability, short, log }: { durability: Durability; short: boolean; log: Log },
): Promise<Servers> {
  const postgres = await step(log, 'Postgres', 'waiting for its first response', () =>
    startPostgres(place, durability),
  );
  const { url: postgresUrl } = postgres;
  if (contenders.some(({ runs }) => runs === 'origination'))
    await prepareDatabases(place.stack.config.databases, () => {});
  const found = new Map<Name, Server>();
  const missing: LeftOut = {};

  const starts: Record<Name, () => Promise<Server>> = {
    temporal: () => startTemporal(place, durability, log),
    'temporal-on-postgres': async () =>
      startTemporalOnPostgres(await findPrograms(place, { mayBuild: !short, log }), place, postgresUrl),
    restate: async () => startRestate(findRestate(), place, durability),
    api: async () =>
      unwindOn(found.get('temporal'), {
        api: await startApi(place, await apiEnvironment(place, 'apart')),
        processes: ['api', 'worker'],
        loans: place.stack.config.databases.loan,
      }),
    'api-fast': async () => {
      const { environment, loans } = await secondEnvironment(place, postgresUrl, 'together');
      const api = await startApi(place, environment, 'api-fast');
      return unwindOn(found.get('temporal'), { api, processes: ['api-fast'], loans });
    },
  };
  const needed = new Set(contenders.flatMap(({ server }) => server ?? []));
  if (needed.has('api') || needed.has('api-fast')) needed.add('temporal');
  const inOrder = ['temporal', 'temporal-on-postgres', 'restate', 'api', 'api-fast'] as const;
  for (const name of inOrder.filter((name) => needed.has(name))) {
    try {
      found.set(name, await step(log, name, 'waiting for its first response', starts[name]));
    } catch (error) {
      // Unwind itself needs these.
      if (name === 'temporal' || name === 'api' || name === 'api-fast') throw error;
      leaveOut(missing, name, error, log);
    }
  }
  const durable = await postgresDurability(postgresUrl);
  const described = [...found.values()].flatMap(({ title, version, durability, unwind }) =>
    unwind ? [] : { title, version, durability },
  );
  return {
    postgresUrl,
    found,
    missing,
    described: [{ title: 'Postgres', version: postgres.version, durability: durable }, ...described],
  };
}
