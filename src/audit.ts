import { audit } from './audit/run.ts';
import { eachService } from './config.ts';
import { loadStackConfig } from './config-stack.ts';
import { isConnectionError } from './guard/connection-error.ts';
import { openDatabase } from './guard/database.ts';
import { ledgerBalances } from './services/loan/ledger-balances.ts';

const { databases } = loadStackConfig().config;
const opened = eachService((name) =>
  openDatabase(databases[name], { name: 'unwind-audit', max: 2, statementTimeoutMs: 600_000 }),
);
const log = (line: string) => console.log(line);

try {
  const findings = await audit(opened, log);
  const { accounts, sum } = await ledgerBalances(opened.loan);
  log(`accounts: ${JSON.stringify(accounts)}, sum ${sum}`);
  log(findings === 0 ? 'audit: nothing is wrong' : `audit: ${findings} findings`);
  process.exitCode = findings === 0 ? 0 : 1;
} catch (error) {
  if (!isConnectionError(error)) throw error;
  console.error('audit: the databases cannot be reached. Start Unwind (npm start), or set DATABASE_URL.');
  process.exitCode = 2;
} finally {
  await Promise.all(Object.values(opened).map((database) => database.end()));
}
