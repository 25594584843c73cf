import { withConnection } from './with-connection.ts';

/** The most that one API and one worker of all roles open to a database: 20 steps, 10 relay, 8 API, listeners. */
const connectionsPerDatabase = 40;

const durability = ['fsync', 'full_page_writes', 'synchronous_commit'];

/** Reports servers that may lose what they have confirmed, and those that allow fewer connections than can be needed. */
export async function checkServers(urls: string[], log: (line: string) => void): Promise<void> {
  for (const server of new Set(urls.map(hostOf))) {
    const own = urls.filter((url) => hostOf(url) === server);
    const found = await Promise.all(own.map(settingsOf));
    const off = durability.filter((name) => found.some((settings) => settings.get(name) === 'off'));
    if (off.length > 0)
      log(
        `Postgres at ${server} has ${off.join(', ')} off: after a power cut it may lack what it has confirmed, also ledger ` +
          `entries of sagas that have ended. Turn it on`,
      );
    const allowed = Number(found[0]?.get('max_connections'));
    const needed = connectionsPerDatabase * own.length;
    if (allowed < needed)
      log(
        `Postgres at ${server} allows ${allowed} connections, and one API with one worker opens up to ${needed}: ` +
          `set max_connections to ${needed} or more`,
      );
  }
}

const hostOf = (url: string) => new URL(url).host;

/** As the role sees them in the database. */
const settingsOf = (url: string): Promise<Map<string, string>> =>
  withConnection(url, async (sql) => {
    const names = [...durability, 'max_connections'];
    const rows = await sql<{ name: string; setting: string }[]>`
      select name, setting from pg_settings where name in ${sql(names)}`;
    return new Map(rows.map(({ name, setting }) => [name, setting]));
  });
