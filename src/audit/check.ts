import type { ServiceName } from '../config.ts';
import type { Database } from '../guard/database.ts';

export type Databases = Record<ServiceName, Database>;

/** Something that must hold at any moment, also while sagas run. */
export interface Check {
  name: string;
  /** A line for each row that it does not hold for. */
  findings(databases: Databases): Promise<string[]>;
}
