import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { listen } from '../support/resources.ts';
import { appOn, startAccounts } from './support.ts';

const text = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
const [, lines = ''] = /\*\*Accounts\*\*[\s\S]*?```sh\n([\s\S]*?)```/.exec(text) ?? [];

test('the lines of the README about accounts, pasted, do what it says', async () => {
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
