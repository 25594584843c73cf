import { type DatabaseName, databaseNames } from '../config.ts';
import type { Database } from '../guard/database.ts';

type ServiceName = Exclude<DatabaseName, 'unwind'>;
export type Databases = Record<ServiceName, Database>;

export const serviceNames = databaseNames.filter((name) => name !== 'unwind');

/** Something that must hold at any moment, also while sagas run. */
export interface Check {
  name: string;
  /** A line for each row that it does not hold for. */
  findings(databases: Databases): Promise<string[]>;
}
