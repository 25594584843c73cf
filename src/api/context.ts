import type { Client } from '@temporalio/client';
import type { SemaphoreInterface } from 'async-mutex';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Database } from '../guard/database.ts';
import type { EagerStart } from '../saga/inline/inline-run.ts';
import type { SagaWatch } from './sagas/watch.ts';

interface Accounts {
  /** `off`: a caller without a token acts as admin. */
  auth: 'on' | 'off';
  /** To find what belongs to an account. */
  customers: Database;
  loans: Database;
}

/** Workers in this process. */
interface ColocatedWorkers {
  /** On the workers' connection, so that Temporal returns the first task at once; undefined until they are connected. */
  client(): Client | undefined;
  /** Runs a saga whose first task came with the response to its start. */
  begin(started: EagerStart): void;
  /** The services whose steps they run. */
  placement: readonly string[];
}

/** The dependencies of the routes. */
export interface ApiContext {
  registry: Database;
  /** Absent on a service's own port, where every caller acts as admin. */
  accounts?: Accounts | undefined;
  temporal: Client;
  /** Absent: sagas start on other processes' workers. */
  colocated?: ColocatedWorkers | undefined;
  watch: SagaWatch;
  temporalUiUrl: string;
  /** The prefix of links to sagas; absent on the API's own port. */
  apiUrl?: string | undefined;
  /** After this ISO 8601 duration of unwinding, an alert is due. */
  alertAfter: string;
  logger: Logger;
  /** Limits how many sagas start at once, so that a burst waits instead of failing. */
  starts: SemaphoreInterface;
  clock: () => Date;
  /** Aborts when the process stops, and ends all waiting for sagas. Absent: never. */
  stopping?: AbortSignal | undefined;
  /** For the start of a choreographed purchase; absent on a service's own port. */
  shop?: Record<'product' | 'order', Database>;
  /** Absent: requests are not measured. */
  metrics?: Registry | undefined;
}
