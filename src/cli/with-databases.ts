import { loadStackConfig } from '../config-stack.ts';
import { type Database, openDatabase } from '../guard/database.ts';
import { type DatabaseName, databaseNames, eachDatabase } from '../service-names.ts';
import { named, whyUnusable } from './why-unusable.ts';

export type Databases = Record<DatabaseName, Database>;

interface Options {
  /** The application name that Postgres shows. */
  name: string;
  /** Connections to each database. */
  max: number;
  statementTimeoutMs?: number;
  /** The databases that `work` uses, as an error names them. */
  used?: readonly DatabaseName[];
}

/** Gives a command the databases of `npm start` or of the environment, and closes them. They connect on first use. */
export async function withDatabases(
  { used = databaseNames, ...options }: Options,
  work: (databases: Databases) => Promise<void>,
): Promise<void> {
  const { config } = loadStackConfig();
  const databases = eachDatabase((name) => openDatabase(config.databases[name], options));
  try {
    await work(databases);
  } catch (error) {
    throw new Error(whyUnusable(error, named(config, used)));
  } finally {
    await Promise.all(Object.values(databases).map((database) => database.end()));
  }
}
