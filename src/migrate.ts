import { setTimeout as pause } from 'node:timers/promises';
import { loadStackConfig } from './config-stack.ts';
import { prepareDatabases } from './guard/migrate.ts';
import { prepareNamespace, prepareTemporal } from './prepare-temporal.ts';
import { messageOf } from './why-unusable.ts';

const limitMs = 120_000;
const awayCodes = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN'],
  // postgres.js
  ...['CONNECT_TIMEOUT', 'CONNECTION_CLOSED', 'CONNECTION_ENDED'],
  // Postgres: starting up, shutting down
  ...['57P03', '57P01'],
  // gRPC: DEADLINE_EXCEEDED, UNAVAILABLE
  ...['4', '14'],
];
const log = (line: string) => console.log(line);

try {
  await migrate();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

/** Makes the databases, the namespace and the search attributes ready for this version. Safe to repeat. */
async function migrate(): Promise<void> {
  const { databases, temporal } = loadStackConfig().config;
  for (const [name, url] of Object.entries(databases)) {
    const server = `Postgres at ${new URL(url).host} (database ${name})`;
    const variables = `DATABASE_URL or ${name.toUpperCase()}_DATABASE_URL`;
    await onceUp(server, variables, () => prepareDatabases({ [name]: url }, log));
  }
  const { connection, namespace } = temporal;
  await onceUp(`Temporal at ${connection.address}`, 'TEMPORAL_ADDRESS', () =>
    prepareNamespace(connection, namespace, log),
  );
  await prepareTemporal(connection, namespace, log);
  log('migrated: databases and Temporal are ready');
}

/** Waits for a server that is away or starting. Anything else that is wrong would not pass by waiting. */
async function onceUp(server: string, variables: string, work: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + limitMs;
  let nextWord = 0;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const why = messageOf(error);
      if (isRefusedLogin(error)) throw new Error(`${server}: ${why}. Correct ${variables}.`);
      if (!isAway(error)) throw new Error(`${server}: ${why}`);
      if (Date.now() > deadline)
        throw new Error(
          `${server} did not answer within ${limitMs / 1_000} s (${why}). Start it, or correct ${variables}.`,
        );
      if (Date.now() > nextWord) {
        log(`waiting for ${server}: ${why}`);
        nextWord = Date.now() + 10_000;
      }
    }
    await pause(500);
  }
}

function isAway(error: unknown): boolean {
  return error instanceof Error && (awayCodes.includes(codeOf(error)) || isAway(error.cause));
}

/** Postgres's class 28: invalid authorization. */
function isRefusedLogin(error: unknown): boolean {
  return codeOf(error).startsWith('28');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
