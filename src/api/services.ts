import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { type Database, isConnectionError } from '../guard/database.ts';
import { unavailable } from './problem.ts';

/** What the routes work with. */
export interface Services {
  registry: Database;
  temporal: Client;
  temporalUiUrl: string;
  logger: Logger;
}

/** Asks the registry. Throws the 503 when its database does not answer. */
export async function askRegistry<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw isConnectionError(error) ? unavailable('the database') : error;
  }
}
