import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { isConnectionError } from '../guard/connection-error.ts';
import type { Database } from '../guard/database.ts';
import { unavailable } from './problem.ts';
import type { SagaWatch } from './watch.ts';

/** What the routes work with. */
export interface Services {
  registry: Database;
  temporal: Client;
  watch: SagaWatch;
  temporalUiUrl: string;
  /** After how long of unwinding an alert is due: an ISO 8601 duration. */
  alertAfter: string;
  logger: Logger;
  /** Where requests are measured; absent: nowhere. */
  metrics?: Registry | undefined;
}

/** Asks the registry. Throws the 503 when its database does not answer, at all or in time. */
export async function askRegistry<T>(call: () => Promise<T>, withinMs = 4_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable('the database')), withinMs);
  });
  try {
    return await Promise.race([call(), late]);
  } catch (error) {
    throw isConnectionError(error) ? unavailable('the database') : error;
  } finally {
    clearTimeout(timer);
  }
}
