type ServerName = 'temporal' | 'temporal-on-postgres' | 'restate' | 'api' | 'api-fast';

export interface Contender {
  /** In `--only` and in the JSON. */
  name: string;
  title: string;
  /** The module that opens it, relative to bench/. */
  engine: string;
  /** Contenders on different Temporal servers may share a name. */
  taskQueue: string;
  /** Unwind itself, a peer, or a floor that none can go below. */
  part: 'unwind' | 'peer' | 'floor';
  runs: 'four-steps' | 'nothing' | 'origination';
  server?: ServerName;
  /** The packages of bench/peers that it needs. */
  packages?: string[];
  /** Left out of a short run unless named by `--only`. */
  long?: boolean;
  /** The checkout whose code it runs, if not this one. */
  root?: string;
}

/** The contender with which the others are compared. */
export const subject = 'unwind-fast';

type OnTemporal = Omit<Contender, 'taskQueue' | 'server'>;

/** On Temporal's dev server with an SQLite file, and on its server with Postgres. */
const onBothServers = (contender: OnTemporal): Contender[] => [
  {
    ...contender,
    title: `${contender.title} · SQLite`,
    taskQueue: contender.name,
    server: 'temporal',
  },
  {
    ...contender,
    name: `${contender.name}-pg`,
    long: contender.name !== subject,
    title: `${contender.title} · Postgres`,
    taskQueue: contender.name,
    server: 'temporal-on-postgres',
  },
];

const ofUnwind = { part: 'unwind', runs: 'four-steps' } as const;
const ofPeer = { part: 'peer', runs: 'four-steps' } as const;

const fast = onBothServers({
  ...ofUnwind,
  name: subject,
  title: 'Unwind fast',
  engine: 'engines/unwind/fast',
});

export const contenders: readonly Contender[] = [
  ...fast,
  ...onBothServers({ ...ofUnwind, name: 'unwind', title: 'Unwind', engine: 'engines/unwind/as-it-comes' }),
  ...onBothServers({ ...ofPeer, name: 'plain', title: 'plain Temporal', engine: 'engines/temporal/plain' }),
  {
    ...ofPeer,
    name: 'dbos',
    title: 'DBOS · Postgres',
    engine: 'peers/dbos',
    taskQueue: 'none',
    packages: ['@dbos-inc/dbos-sdk'],
  },
  {
    ...ofPeer,
    name: 'restate',
    title: 'Restate',
    engine: 'peers/restate',
    taskQueue: 'none',
    server: 'restate',
    packages: ['@restatedev/restate-sdk', '@restatedev/restate-server'],
  },
  ...onBothServers({
    name: 'noop',
    title: 'no-op workflow',
    engine: 'engines/temporal/noop',
    part: 'floor',
    runs: 'nothing',
  }),
  {
    name: 'floor',
    title: 'no engine',
    engine: 'engines/floor',
    taskQueue: 'none',
    part: 'floor',
    runs: 'four-steps',
  },
  {
    name: 'origination-fast',
    title: 'Unwind fast, POST to answer',
    engine: 'engines/origination/api',
    taskQueue: 'sagas',
    server: 'api-fast',
    part: 'unwind',
    runs: 'origination',
  },
  {
    name: 'origination',
    title: 'Unwind, POST to answer',
    engine: 'engines/origination/api',
    taskQueue: 'sagas',
    server: 'api',
    part: 'unwind',
    runs: 'origination',
  },
  {
    name: 'origination-floor',
    title: 'no engine',
    engine: 'engines/origination/floor',
    taskQueue: 'none',
    part: 'floor',
    runs: 'origination',
  },
];
