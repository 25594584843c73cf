import type { Database } from '../guard/database.ts';
import type { ServiceName } from '../service-names.ts';

export type Databases = Record<ServiceName, Database>;

/** An invariant that holds at any time, also while sagas run. */
export interface Check {
  name: string;
  /** One line per row that breaks it. */
  findings(databases: Databases): Promise<string[]>;
}
