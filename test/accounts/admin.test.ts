import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../scripts/stack/ports.ts';
import { appoint } from '../../src/admin/appoint.ts';
import { freshDatabase } from '../support/databases.ts';
import { type Accounts, bearer, read, signedUp, startAccounts } from './support.ts';

const project = join(import.meta.dirname, '..', '..');
let accounts: Accounts;
beforeAll(async () => {
  accounts = await startAccounts();
});
afterAll(() => accounts.end());
beforeEach(() => accounts.sql`delete from account`);

const here = () => ({ UNWIND_DATABASE_URL: accounts.databases.unwind });

function run(args: string[], env: NodeJS.ProcessEnv = here()) {
  const child = spawn(process.execPath, ['scripts/run.mjs', 'src/admin.ts', ...args], {
    cwd: project,
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk;
  });
  return new Promise<typeof said & { code: number | null }>((resolve) => {
    child.once('close', (code) => resolve({ ...said, code }));
  });
}

const stored = () => accounts.sql`select email, role from account`;
const logIn = (email: string, password: string) =>
  accounts.send('POST', '/api/account/auth/login', { email, password });

test('where there is no account, it makes an admin and prints a password that logs in', async () => {
  const email = 'ada@example.com';
  const { code, stdout, stderr } = await run(['--email', email]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(
    /^ada@example\.com has an account now, with the role admin\.\nIts password, shown this once: [\w-]{24}\n$/,
  );
  const { status, body } = await logIn(email, stdout.trim().slice(-24));
  expect([status, read(body.access_token)['role']]).toEqual([200, 'admin']);
  expect(await stored()).toEqual([{ email, role: 'admin' }]);
});

test('an account made here has no name and no address, and /openapi.json says so', async () => {
  const email = 'ada@example.com';
  const password = await appoint(accounts.registry, { email, role: 'admin' });
  const { access_token } = (await logIn(email, password ?? '')).body;
  const { paths, components } = (await accounts.send('GET', '/openapi.json')).body;
  const ajv = new Ajv2020({ strict: false }).addSchema({ $id: 'document', components });
  for (const [path, values] of [
    ['/api/account/info/person', { firstname: '', lastname: '', email }],
    ['/api/account/info/shipping', { address: '', phone_number: '' }],
  ] as const) {
    const { body } = await accounts.send('GET', path, undefined, bearer(access_token));
    expect(body).toEqual(values);
    const { $ref } = paths[path].get.responses[200].content['application/json'].schema;
    expect(ajv.validate({ $ref: `document${$ref}` }, body), ajv.errorsText()).toBe(true);
  }
});

test('an account that there is gets the role, however its e-mail address is written, and keeps its password', async () => {
  const { email, password } = await signedUp(accounts.send);
  const { code, stdout } = await run(['--email', email.toUpperCase(), '--role', 'operator', '--existing']);
  expect([code, stdout]).toEqual([0, `${email.toUpperCase()} has the role operator now.\n`]);
  expect((await logIn(email, password)).status).toBe(200);
  expect(await stored()).toEqual([{ email, role: 'operator' }]);
});

test('an account that somebody has signed up is given no more rights without --existing', async () => {
  const { email } = await signedUp(accounts.send, { firstname: 'Eve', lastname: 'Wu' });
  const { code, stdout, stderr } = await run(['--email', email]);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(
    new RegExp(
      `^${email} has an account with the role customer, made at 20\\S+Z by Eve Wu\\.\n.*--existing\\.\n$`,
    ),
  );
  expect(await stored()).toEqual([{ email, role: 'customer' }]);
});

test('an account loses rights without --existing', async () => {
  const email = 'ada@example.com';
  await run(['--email', email]);
  expect((await run(['--email', email, '--role', 'customer'])).code).toBe(0);
  expect(await stored()).toEqual([{ email, role: 'customer' }]);
});

test('ten at once make one account, and one password', async () => {
  const email = 'ada@example.com';
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => appoint(accounts.registry, { email, role: 'admin' })),
  );
  const [password, ...others] = answers.filter((answer) => answer !== undefined);
  expect(others).toEqual([]);
  expect((await logIn(email, password ?? '')).status).toBe(200);
  expect(await stored()).toEqual([{ email, role: 'admin' }]);
});

test('a new password ends older log-ins and a block, keeps the role, and is replaced by the next one', async () => {
  const { email, password, refresh_token } = await signedUp(accounts.send);
  await run(['--email', email, '--role', 'operator', '--existing']);
  const statusOf = async (password: string) => (await logIn(email, password)).status;
  for (let wrong = 0; wrong < 20; wrong++) await logIn(email, 'wrong');
  expect(await statusOf(password)).toBe(429);
  const renew = async () => {
    const { code, stdout } = await run(['--email', email.toUpperCase(), '--new-password']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^All .* ended\.\n.* once: [\w-]{24}\n$/)]);
    return stdout.trim().slice(-24);
  };
  const first = await renew();
  const second = await renew();
  expect(await accounts.sql`select * from refresh_token`).toEqual([]);
  expect((await accounts.send('POST', '/api/account/auth/refresh', { refresh_token })).status).toBe(401);
  expect([await statusOf(password), await statusOf(first), await statusOf(second)]).toEqual([401, 401, 200]);
  expect(await stored()).toEqual([{ email, role: 'operator' }]);
});

test('a log-in whose old password was checked just before the new one counts no more', async () => {
  const { email, password } = await signedUp(accounts.send);
  const other = postgres(accounts.databases.unwind, { max: 1 });
  const isWaiting = async () =>
    (
      await accounts.sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%for share%'`
    ).length;
  let late: ReturnType<typeof logIn> | undefined;
  await other.begin(async (tx) => {
    await tx`update account set password_hash = 'another' where email = ${email}`;
    late = logIn(email, password);
    await expect.poll(isWaiting, { interval: 10, timeout: 10_000 }).toBe(1);
    await tx`delete from refresh_token`;
  });
  expect((await late)?.status).toBe(401);
  expect(await accounts.sql`select * from refresh_token`).toEqual([]);
  await other.end();
});

test('without an account, nobody gets a new password', async () => {
  const { code, stdout, stderr } = await run(['--email', 'ada@example.com', '--new-password']);
  expect([code, stdout, stderr]).toEqual([1, '', 'ada@example.com has no account\n']);
  expect(await stored()).toEqual([]);
});

test.each([
  [[], /^--email is missing\n\nUsage: npm run admin -- --email/],
  [['--email', 'ada'], /^--email must be an e-mail address, and is "ada"\n$/],
  [
    ['--email', 'ada@example.com', '--role', 'root'],
    /^--role must be one of customer, underwriter, operator, admin, and is "root"\n$/,
  ],
  [['--mail', 'ada@example.com'], /^Unknown option '--mail'\n\nUsage: npm run admin/],
  [['--email', 'ada@example.com', '--new-password', '--role', 'admin'], /^--new-password changes no rights/],
])('%j is refused, and says why', async (args, why) => {
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(why);
  expect(stderr).not.toMatch(/^ +at /m);
  expect(await stored()).toEqual([]);
});

test.each(['--help', '-h'])('%s prints the usage', async (help) => {
  const { code, stdout } = await run([help]);
  expect([code, stdout]).toEqual([0, expect.stringContaining('npm run admin -- --email')]);
});

test('without a database, it says to start Unwind', async () => {
  const { code, stdout, stderr } = await run(['--email', 'ada@example.com'], {
    DATABASE_URL: '',
    POSTGRES_PORT: String(await freePort()),
  });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^The databases at 127\.0\.0\.1:\d+ cannot be reached/);
  expect(stderr).toContain('Start Unwind first: npm start');
  expect(stderr).not.toMatch(/^ +at /m);
});

test('on a database without accounts, it says to start Unwind', async () => {
  const customer = await freshDatabase('customer');
  const { code, stderr } = await run(['--email', 'ada@example.com'], { UNWIND_DATABASE_URL: customer });
  expect(code).toBe(1);
  expect(stderr).toMatch(/are not prepared for this version \(.* does not exist\)/);
  expect(stderr).toContain('Start Unwind first: npm start');
});
