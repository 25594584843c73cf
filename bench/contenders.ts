/** Where a contender's engine keeps what it knows. */
const stores = ['sqlite', 'postgres', 'restate', 'none'] as const;
type Store = (typeof stores)[number];

export interface Contender {
  /** As `--only` and the JSON name it. */
  name: string;
  title: string;
  engine: string;
  /** Of its workers; contenders on the two Temporal servers may have the same. */
  taskQueue: string;
  store: Store;
  /** What it is compared as: Unwind itself, another engine, the least that any must cost. */
  part: 'unwind' | 'peer' | 'floor';
  runs: 'four-steps' | 'nothing' | 'origination';
  /** Of Temporal's servers: which one. */
  server?: 'temporal' | 'temporal-on-postgres' | 'restate' | 'api';
  /** The npm package of bench/peers that it needs. */
  package?: string;
}

interface OnTemporal extends Pick<Contender, 'name' | 'title' | 'engine' | 'part'> {
  runs?: Contender['runs'];
}

const onBothServers = ({ runs = 'four-steps', ...contender }: OnTemporal): Contender[] => [
  { ...contender, runs, taskQueue: contender.name, store: 'sqlite', server: 'temporal' },
  {
    ...contender,
    runs,
    taskQueue: contender.name,
    name: `${contender.name}-pg`,
    title: `${contender.title}, Temporal on Postgres`,
    store: 'postgres',
    server: 'temporal-on-postgres',
  },
];

const fourSteps = { runs: 'four-steps' } as const;

export const contenders: readonly Contender[] = [
  ...onBothServers({ name: 'unwind', title: 'Unwind', engine: 'engines/unwind/as-it-comes', part: 'unwind' }),
  ...onBothServers({
    name: 'plain',
    title: 'plain Temporal',
    engine: 'engines/temporal/plain',
    part: 'peer',
  }),
  ...onBothServers({
    name: 'noop',
    title: 'Temporal, a workflow that does nothing',
    engine: 'engines/temporal/noop',
    part: 'floor',
    runs: 'nothing',
  }),
  {
    ...fourSteps,
    name: 'dbos',
    title: 'DBOS',
    engine: 'peers/dbos',
    taskQueue: 'none',
    store: 'postgres',
    part: 'peer',
    package: '@dbos-inc/dbos-sdk',
  },
  {
    ...fourSteps,
    name: 'restate',
    title: 'Restate',
    engine: 'peers/restate',
    taskQueue: 'none',
    store: 'restate',
    server: 'restate',
    part: 'peer',
    package: '@restatedev/restate-sdk',
  },
  {
    ...fourSteps,
    name: 'floor',
    title: 'the statements alone',
    engine: 'engines/floor',
    taskQueue: 'none',
    store: 'none',
    part: 'floor',
  },
  {
    name: 'origination',
    title: 'Unwind, POST to its answer',
    engine: 'engines/origination/api',
    taskQueue: 'sagas',
    store: 'sqlite',
    server: 'api',
    part: 'unwind',
    runs: 'origination',
  },
  {
    name: 'origination-floor',
    title: 'its statements alone',
    engine: 'engines/origination/floor',
    taskQueue: 'none',
    store: 'none',
    part: 'floor',
    runs: 'origination',
  },
];
