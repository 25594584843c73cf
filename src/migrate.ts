import { setTimeout as pause } from 'node:timers/promises';
import { orExit } from './cli/or-exit.ts';
import { refuseArguments } from './cli/refuse-arguments.ts';
import { reasonOf } from './cli/why-unusable.ts';
import { loadStackConfig } from './config-stack.ts';
import { hasErrorCode, isRefusedLogin } from './guard/error-code.ts';
import { isTemporalDown } from './history/grpc.ts';
import { checkServers } from './migrate/check-servers.ts';
import { prepareDatabase } from './migrate/prepare-databases.ts';
import { prepareNamespace, prepareTemporal } from './migrate/prepare-temporal.ts';
import { databaseNames } from './service-names.ts';

const limitMs = 120_000;
const unreachable = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN'],
  // postgres.js
  ...['CONNECT_TIMEOUT', 'CONNECTION_CLOSED', 'CONNECTION_ENDED'],
  // PostgreSQL: starting up, shutting down
  ...['57P03', '57P01'],
];
const log = (line: string) => console.log(line);

/** Prepares the databases, the namespace and the search attributes for this version. Safe to repeat. */
await orExit(async () => {
  refuseArguments('npm run migrate prepares the databases and Temporal: it has no options');
  const { databases, databaseVariables, temporal } = loadStackConfig().config;
  for (const name of databaseNames) {
    const url = databases[name];
    const server = `Postgres at ${new URL(url).host} (database ${name})`;
    await onceUp(server, databaseVariables[name], () => prepareDatabase(name, url, log));
  }
  await checkServers(Object.values(databases), log);
  const { connection, namespace, setBy } = temporal;
  await onceUp(`Temporal at ${connection.address}`, setBy, () =>
    prepareNamespace(connection, namespace, log),
  );
  await prepareTemporal(connection, namespace, log, setBy);
  log('migrated: databases and Temporal are ready');
});

/** Waits for a server that is down or starting. Waiting would not help with any other error. */
async function onceUp(server: string, variable: string, work: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + limitMs;
  let nextReport = 0;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const why = reasonOf(error);
      if (isRefusedLogin(error)) throw new Error(`${server}: ${why}. Correct ${variable}.`);
      if (!hasErrorCode(error, unreachable) && !isTemporalDown(error)) throw new Error(`${server}: ${why}`);
      if (Date.now() > deadline)
        throw new Error(
          `${server} did not answer within ${limitMs / 1_000} s (${why}). Start it, or correct ${variable}.`,
        );
      if (Date.now() > nextReport) {
        log(`waiting for ${server}: ${why}`);
        nextReport = Date.now() + 10_000;
      }
    }
    await pause(500);
  }
}
