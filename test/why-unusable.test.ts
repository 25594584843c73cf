import postgres from 'postgres';
import { expect, inject, test } from 'vitest';
import { freePort } from '../scripts/stack/ports.ts';
import { whyUnusable } from '../src/cli/why-unusable.ts';
import { messageOf } from '../src/guard/error-code.ts';
import { project } from './compose/files.ts';
import { start } from './compose/programs.ts';

async function failureAt(url: string, statement = 'select 1 from nothing'): Promise<unknown> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {} });
  return sql
    .unsafe(statement)
    .catch((error: unknown) => error)
    .finally(() => sql.end({ timeout: 0 }));
}

test('a database that is away, one that refuses the login, and one that is not prepared are told apart', async () => {
  const url = inject('databaseUrl');
  const away = { hosts: '127.0.0.1:1', variables: 'DATABASE_URL' };
  expect(whyUnusable(await failureAt('postgres://127.0.0.1:1/x'), away, 'Start it.')).toBe(
    'The databases at 127.0.0.1:1 cannot be reached (connect ECONNREFUSED 127.0.0.1:1).\nStart it.',
  );
  const wrong = url.replace('//unwind:unwind@', '//unwind:wrong@');
  const db = { hosts: 'db', variables: 'LOAN_DATABASE_URL' };
  expect(whyUnusable(await failureAt(`${wrong}/postgres`), db, 'Start it.')).toMatch(
    /^The databases at db refuse the login \(password authentication failed.*\)\. Correct LOAN_DATABASE_URL\.$/,
  );
  expect(whyUnusable(await failureAt(`${url}/postgres`), db, 'Start it.')).toMatch(
    /^The databases at db are not prepared for this version \(.*does not exist\)\.\nStart Unwind first/,
  );
});

test('a full disk is said, with what to do', async () => {
  const full = `do $$ begin raise 'could not extend file "base/5/2686"' using errcode = 'disk_full'; end $$`;
  const error = await failureAt(`${inject('databaseUrl')}/postgres`, full);
  expect(whyUnusable(error, { hosts: 'db', variables: 'DATABASE_URL' })).toBe(
    'The disk of the databases at db is full (could not extend file "base/5/2686"). Free some space, then try again.',
  );
});

test('where each of two addresses refuses, the reason is not empty', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED ::1:1'), {
    code: 'ECONNREFUSED',
    errno: -111,
  });
  const both = new AggregateError([refused, refused]);
  expect(messageOf(both)).toBe('ECONNREFUSED');
  expect(whyUnusable(both, { hosts: 'localhost:1', variables: 'DATABASE_URL' })).toMatch(
    /^The databases at localhost:1 cannot be reached \(ECONNREFUSED\)\./,
  );
});

test('the audit says that the login is refused, and that is not a finding', async () => {
  const { PATH, HOME } = process.env;
  const DATABASE_URL = inject('databaseUrl').replace('//unwind:unwind@', '//unwind:wrong@');
  const audit = start([process.execPath, 'scripts/run.mjs', 'src/audit.ts'], project, {
    PATH,
    HOME,
    DATABASE_URL,
  });
  expect(await audit.ended).toBe(2);
  expect(audit.printed()).toMatch(
    /^The databases at \S+ refuse the login \(.*\)\. Correct DATABASE_URL\.\n$/,
  );
});

test('npm run migrate and npm run audit look where npm start puts the databases', async () => {
  const { PATH, HOME } = process.env;
  const port = String(await freePort());
  const audit = start([process.execPath, 'scripts/run.mjs', 'src/audit.ts'], project, {
    PATH,
    HOME,
    POSTGRES_PORT: port,
  });
  expect(await audit.ended).toBe(2);
  expect(audit.printed()).toContain(`The databases at 127.0.0.1:${port} cannot be reached`);

  const migrate = start([process.execPath, 'scripts/run.mjs', 'src/migrate.ts'], project, {
    PATH,
    HOME,
    POSTGRES_PORT: port,
  });
  await expect
    .poll(() => migrate.printed(), { timeout: 30_000 })
    .toContain(`waiting for Postgres at 127.0.0.1:${port}`);
  await migrate.stop('SIGKILL');
});
