import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { listen } from '../support/resources.ts';
import { appOn, signedUp, startAccounts } from './support.ts';

const read = (page: string) => readFileSync(join(import.meta.dirname, '..', '..', 'docs', page), 'utf8');
/** Of one section. */
const blocksOf = (page: string, title: string) =>
  [
    ...(read(page).split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '').matchAll(/```bash\n([\s\S]*?)```/g),
  ].map(([, block]) => block ?? '');

test('the lines of docs/access.md about accounts and tokens work when pasted', async () => {
  const [lines = ''] = blocksOf('access.md', 'Accounts and tokens');
  const accounts = await startAccounts();
  const server = await listen(appOn(accounts));
  const script = lines.replace('http://127.0.0.1:3000', server.url);
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
    env: { ...process.env, UNWIND_DATABASE_URL: accounts.databases.unwind },
  });
  const pair = '\\{"access_token":"[^"]+","refresh_token":"[^"]+"\\}';
  const person = '\\{"firstname":"Ada","lastname":"Lovelace","email":"ada@example.com"\\}';
  expect(stdout).toMatch(new RegExp(`^${pair}${person}\\{"msg":"ok"\\}${pair}`));
  expect(await accounts.sql`select email, role, address, phone_number from account`).toEqual([
    { email: 'ada@example.com', role: 'admin', address: 'Ockham Park', phone_number: '54321' },
  ]);
  await server.close();
  await accounts.end();
});

test('docs/operations.md replaces a lost password, and takes a role away', async () => {
  const accounts = await startAccounts();
  const server = await listen(appOn(accounts));
  const env = { ...process.env, UNWIND_DATABASE_URL: accounts.databases.unwind };
  const paste = async (script: string) =>
    (await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { env })).stdout;
  const email = 'Ada@example.com';
  const ada = await signedUp(accounts.send, { email });

  const [lost = '', leaves = ''] = blocksOf('operations.md', 'A lost password, or somebody leaves');
  expect(await paste(lost)).toMatch(/shown this once: \S+\n$/);
  const logIn = await accounts.send('POST', '/api/account/auth/login', { email, password: ada.password });
  expect(logIn.status).toBe(401);
  expect((await ada.call('GET', 'person')).status).toBe(401);

  await paste('npm run --silent admin -- --email olga@example.com');
  await paste(leaves);
  expect(await accounts.sql`select lower(email) as email, role from account order by 1`).toEqual([
    { email: 'ada@example.com', role: 'customer' },
    { email: 'olga@example.com', role: 'customer' },
  ]);
  await server.close();
  await accounts.end();
}, 60_000);
