import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import {
  type DatabaseName,
  databaseNames,
  embeddedDatabaseUrl,
  loadConfig,
  port,
  readTemporal,
  readVariables,
  variableNames,
} from './config.ts';

const environment = z.object({
  UNWIND_HOME: z.string().default(join(import.meta.dirname, '..', '.unwind')),
  UNWIND_CACHE: z.string().default(join(homedir(), '.cache', 'unwind')),
  TEMPORAL_CLI_PATH: z.string().optional(),
  PATH: z.string().default(''),
  POSTGRES_PORT: port(54329),
  TEMPORAL_PORT: port(7233),
  TEMPORAL_UI_PORT: port(8233),
});

/** Every variable that Unwind knows, but for Temporal's own. */
export const allVariableNames = [...variableNames, ...Object.keys(environment.shape)];

/** What `npm start` brings along (`postgres`, `temporal`: unless servers are given), and what it tells its children. */
export function loadStackConfig(variables: NodeJS.ProcessEnv = process.env) {
  const { given, env } = readVariables(environment, variables);
  const home = resolve(env.UNWIND_HOME);

  const own = (name: DatabaseName) => given[`${name.toUpperCase()}_DATABASE_URL`];
  const postgres = given.DATABASE_URL || databaseNames.every(own) ? undefined : { port: env.POSTGRES_PORT };
  const temporal = readTemporal(given).connectionOptions.address
    ? undefined
    : { port: env.TEMPORAL_PORT, uiPort: env.TEMPORAL_UI_PORT };
  const forChildren = {
    UNWIND_HOME: home,
    ...(!given.SMTP_URL && { MAIL_OUTBOX: resolve(given.MAIL_OUTBOX ?? join(home, 'mail')) }),
    ...(postgres && { DATABASE_URL: embeddedDatabaseUrl(postgres.port) }),
    ...(temporal && {
      TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`,
      TEMPORAL_UI_URL: given.TEMPORAL_UI_URL ?? `http://127.0.0.1:${temporal.uiPort}`,
    }),
  };
  return {
    home,
    cache: resolve(env.UNWIND_CACHE),
    temporalCli: env.TEMPORAL_CLI_PATH,
    path: env.PATH,
    postgres,
    temporal,
    forChildren,
    config: loadConfig({ ...given, ...forChildren }),
  };
}
