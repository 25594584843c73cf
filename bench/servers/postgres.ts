import type { Sql } from 'postgres';
import { postgresChild, postgresReady, prepareCluster } from '../../scripts/stack/postgres.ts';
import { embeddedDatabaseUrl } from '../../src/config.ts';
import type { Durability } from '../durability.ts';
import { withSql } from '../sql.ts';
import type { Place } from '../stack.ts';

/** The server that all contenders share. */
export async function startPostgres({ stack, home, supervisor, logFile }: Place, durability: Durability) {
  const port = stack.postgres?.port ?? 0;
  const url = embeddedDatabaseUrl(port);
  const child = postgresChild(await prepareCluster(home.path), port, logFile('postgres'));
  // Enough for two Unwinds and all other contenders.
  supervisor.start({ ...child, args: [...child.args, '-c', 'max_connections=1000'] });
  await postgresReady(port, logFile('postgres'));
  return withSql(admin(url), async (sql) => {
    await sql.unsafe(`alter system set synchronous_commit = ${durability === 'fsync' ? 'on' : 'off'}`);
    await sql`select pg_reload_conf()`;
    return { url, version: await setting(sql, 'server_version') };
  });
}

/** As the server reports it after the run. */
export function postgresDurability(url: string): Promise<string> {
  return withSql(admin(url), async (sql) => {
    const names = ['fsync', 'synchronous_commit', 'full_page_writes'] as const;
    const each = names.map(async (name) => `${name} ${await setting(sql, name)}`);
    return (await Promise.all(each)).join(', ');
  });
}

async function setting(sql: Sql, name: string): Promise<string> {
  const [row] = await sql<{ setting: string }[]>`select setting from pg_settings where name = ${name}`;
  return row?.setting ?? 'unknown';
}

const admin = (url: string) => `${url}/postgres`;
