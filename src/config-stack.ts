import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import {
  embeddedDatabaseUrl,
  loadConfig,
  port,
  readTemporal,
  readVariables,
  variableNames,
} from './config.ts';
import { databaseNames, variableOf } from './service-names.ts';

/** Where tools are. */
const tools = z.object({
  UNWIND_CACHE: z.string().default(() => join(homeFolder(), '.cache', 'unwind')),
  TEMPORAL_CLI_PATH: z.string().optional(),
  PATH: z.string().default(''),
});

const environment = tools.extend({
  UNWIND_HOME: z.string().default(join(import.meta.dirname, '..', '.unwind')),
  POSTGRES_PORT: port(54329),
  TEMPORAL_PORT: port(7233),
  TEMPORAL_UI_PORT: port(8233),
});

export const toolVariableNames = Object.keys(tools.shape);

/** Every variable that Unwind reads, except Temporal's own. */
export const allVariableNames = [...variableNames, ...Object.keys(environment.shape)];

/** `/`, as containers set HOME, for a user who has neither HOME nor an entry in the list of users. */
function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

/** The embedded servers of `npm start` (undefined where a server is given), and the environment of its children. */
export function loadStackConfig(variables: NodeJS.ProcessEnv = process.env) {
  const { given, env } = readVariables(environment, variables);
  const home = resolve(env.UNWIND_HOME);

  const everyOneIsGiven = databaseNames.every((name) => given[variableOf(name)]);
  const postgres = given.DATABASE_URL || everyOneIsGiven ? undefined : { port: env.POSTGRES_PORT };
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
