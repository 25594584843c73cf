import type { Client } from '@temporalio/client';
import type { SemaphoreInterface } from 'async-mutex';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { isUnavailable } from '../guard/connection-error.ts';
import type { Database } from '../guard/database.ts';
import { within } from '../guard/within.ts';
import { StepError } from '../saga/errors.ts';
import type { StartedHere } from '../saga/stretch.ts';
import { refusalProblem, unavailable } from './problem.ts';
import type { SagaWatch } from './watch.ts';

interface Accounts {
  /** `off`: who sends no token acts as admin. */
  auth: 'on' | 'off';
  /** Where the customer is that an account belongs to. */
  customers: Database;
}

/** Workers in this process. */
interface Beside {
  /** On the workers' own connection, so that Temporal hands them the first task at once; undefined until there is one. */
  client(): Client | undefined;
  /** Begins a saga whose start was answered with its first task. */
  begin(started: StartedHere): void;
  /** The services whose steps they run. */
  placement: readonly string[];
}

/** What the routes work with. */
export interface Services {
  registry: Database;
  /** Who must log in; absent on a service's own port, where whoever is let in acts as admin. */
  accounts?: Accounts | undefined;
  temporal: Client;
  /** The workers beside which sagas are started; absent: they start apart. */
  beside?: Beside | undefined;
  watch: SagaWatch;
  temporalUiUrl: string;
  /** Of the API, before links to sagas; absent on its own port. */
  apiUrl?: string | undefined;
  /** After how long of unwinding an alert is due: an ISO 8601 duration. */
  alertAfter: string;
  logger: Logger;
  /** Sagas are started by turns, so that a burst of them waits instead of failing. */
  starts: SemaphoreInterface;
  clock: () => Date;
  /** Aborts when the process stops: whoever waits for a saga is answered as far as it has come. Absent: never. */
  stopping?: AbortSignal | undefined;
  /** Of the services that a choreographed purchase begins with; absent on a service's own port. */
  shop?: Record<'product' | 'order', Database>;
  /** Where requests are measured; absent: nowhere. */
  metrics?: Registry | undefined;
}

/** Longer than a transaction may wait and take: what is answered with a 503 was not done, as far as anybody knows. */
export const writeTimeoutMs = 10_000;

/** Throws the 503 when the database does not answer, at all or in time, and what a service refuses as a problem. */
export async function askDatabase<T>(call: () => Promise<T>, withinMs = 4_000): Promise<T> {
  try {
    return await within(withinMs, call(), () => unavailable('the database'));
  } catch (error) {
    if (error instanceof StepError) throw refusalProblem(error);
    throw isUnavailable(error) ? unavailable('the database') : error;
  }
}
