import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConnectionLost, DatabaseBusy, isOutage } from '../../src/guard/connection-error.ts';
import { type Database, openDatabase } from '../../src/guard/database.ts';
import { type EffectsDatabase, effectsDatabase } from '../support/guarded-effects.ts';
import { silentProxy } from '../support/silent-proxy.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';

let db: EffectsDatabase;
beforeAll(async () => {
  db = await effectsDatabase();
});
afterAll(() => db.end());

const add = ({ query }: Pick<Database, 'query'>, label: string) =>
  query.execute(sql`insert into effect (label) values (${label})`);

test('after a server goes silent on its connections, the next statement opens another', async () => {
  const proxy = await silentProxy(db.url);
  const database = openDatabase(proxy.url, { statementTimeoutMs: 1_500 });
  await add(database, 'before');
  proxy.lose();
  await expect(add(database, 'lost')).rejects.toMatchObject({ cause: expect.any(ConnectionLost) });
  await add(database, 'after');
  expect(await db.effects()).toEqual(['before', 'after']);
  proxy.close();
  await database.end();
});

test('a statement that failed while the server was down never runs later, and new ones run at once when it is back', async () => {
  const forward: Parameters<typeof tcpProxy>[1] = (client, upstream) => {
    client.pipe(upstream);
    upstream.pipe(client);
  };
  const away = await tcpProxy(db.url, forward);
  const database = openDatabase(away.url);
  await add(database, 'there');
  away.close();
  for (let n = 0; n < 12; n++)
    await expect(add(database, 'never')).rejects.toSatisfy((error) => isOutage(error));
  const back = await tcpProxy(db.url, forward, Number(new URL(away.url).port));
  const began = performance.now();
  await add(database, 'back');
  // The pool of postgres.js would have waited for up to 20 seconds by now, with what had failed.
  expect(performance.now() - began).toBeLessThan(4_000);
  expect((await db.effects()).slice(-2)).toEqual(['there', 'back']);
  back.close();
  await database.end();
});

test('a hundred at once wait their turn, on no more connections than they may have', async () => {
  const database = openDatabase(db.url, { name: 'a-hundred', max: 3 });
  const backends = await Promise.all(
    Array.from({ length: 100 }, () => database.query.execute(sql`select pg_backend_pid() as pid`)),
  );
  expect(new Set(backends.map(([row]) => row?.['pid'])).size).toBe(3);
  await database.end();
});

test('a call that does not get its turn in time fails, and never runs later', async () => {
  const database = openDatabase(db.url, { max: 1, statementTimeoutMs: 10_000 });
  const slow = database.query.execute(sql`select pg_sleep(4.5)`).then(() => {});
  await expect(add(database, 'too late')).rejects.toMatchObject({ cause: expect.any(DatabaseBusy) });
  await slow;
  expect(await db.effects()).not.toContain('too late');
  await database.end();
});

test('statements that come after the end are refused', async () => {
  const database = openDatabase(db.url);
  await database.end();
  await expect(add(database, 'after the end')).rejects.toMatchObject({ cause: expect.any(DatabaseBusy) });
  expect(await db.effects()).not.toContain('after the end');
});

test('what a step sends is known to its connection the next time', async () => {
  const statements = () =>
    db.database.transaction(async (tx) => {
      await tx.execute(sql`insert into effect (label) values (${'known'})`);
      const known = await tx.execute(
        sql`select count(*)::int as count from pg_prepared_statements where statement like 'insert into effect%'`,
      );
      return known[0]?.['count'];
    });
  await statements();
  expect(await statements()).toBe(1);
});
