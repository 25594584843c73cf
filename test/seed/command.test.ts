import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../scripts/stack/ports.ts';
import { type Databases, freshDatabases } from '../support/databases.ts';

const project = join(import.meta.dirname, '..', '..');

const on = (urls: Databases) => ({
  CUSTOMER_DATABASE_URL: urls.customer,
  MORTGAGE_DATABASE_URL: urls.mortgage,
  LOAN_DATABASE_URL: urls.loan,
  UNWIND_DATABASE_URL: urls.unwind,
});

/** `onOutput` hears all that was printed so far. */
function run(args: string[], env: NodeJS.ProcessEnv, onOutput = (_printed: string, _stop: () => void) => {}) {
  const child = spawn(process.execPath, ['scripts/run.mjs', 'scripts/seed/main.ts', ...args], {
    cwd: project,
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk;
    onOutput(said.stdout, () => child.kill('SIGINT'));
  });
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk;
  });
  return new Promise<typeof said & { code: number | null }>((resolve) => {
    child.once('close', (code) => resolve({ ...said, code }));
  });
}

test('the command shows how far it is, what there is now, and what to look at', async () => {
  const { code, stdout, stderr } = await run(['--customers', '30'], {
    ...on(await freshDatabases()),
    PORT: '3999',
  });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^30 of 30 customers, \d+ loans, \d+ payments, \d+ s$/m);
  expect(stdout).toMatch(/customers +30$/m);
  expect(stdout).toMatch(/loans +\d+ active, /);
  expect(stdout).toMatch(/ledger +balanced: sum 0\.00/);
  expect(stdout).toContain("curl -s 'http://127.0.0.1:3999/customers?limit=3'");
  expect(stdout).toContain('curl -s http://127.0.0.1:3999/ledger/balances');
  expect(code).toBe(0);
});

test('Ctrl-C stops it cleanly, and the next run goes on', async () => {
  const databases = on(await freshDatabases());
  const { code, stdout, stderr } = await run(['--customers', '100000'], databases, (printed, stop) => {
    if (printed.includes('0 of 100,000')) stop();
  });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^Stopped after [\d,]+ customers\. The next run goes on from here\.$/m);
  expect(stdout).toContain('ledger        balanced');
  expect(code).toBe(130);
});

test('an option that it does not know is named', async () => {
  const { code, stderr } = await run(['--costumers', '5'], {});
  expect(stderr).toContain("'--costumers'");
  expect(stderr).not.toMatch(/^ +at /m);
  expect(code).toBe(1);
});

test('where no databases answer, it says that Unwind is to be started', async () => {
  const { code, stdout, stderr } = await run([], {
    DATABASE_URL: '',
    POSTGRES_PORT: String(await freePort()),
  });
  expect(stderr).toMatch(/^The databases at 127\.0\.0\.1:\d+ cannot be reached/);
  expect(stderr).toContain('Start Unwind first: npm start');
  expect(stderr).not.toMatch(/^ +at /m);
  expect(stdout).toBe('');
  expect(code).toBe(1);
});

test.each([
  ['are missing', 'absent'],
  ['are empty', 'postgres'],
])('where databases %s, it says that Unwind is to be started', async (_, name) => {
  const databases = await freshDatabases();
  const loan = new URL(databases.loan);
  loan.pathname = `/${name}`;
  const { code, stderr } = await run([], on({ ...databases, loan: loan.href }));
  expect(stderr).toMatch(/are not prepared for this version \(.* does not exist\)/);
  expect(stderr).toContain('Start Unwind first: npm start');
  expect(stderr).not.toMatch(/^ +at /m);
  expect(code).toBe(1);
});
