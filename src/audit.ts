import { audit } from './audit/run.ts';
import { type Config, eachService } from './config.ts';
import { loadStackConfig } from './config-stack.ts';
import { openDatabase } from './guard/database.ts';
import { ledgerBalances } from './services/loan/ledger-balances.ts';
import { hostsOf, messageOf, whyUnusable } from './why-unusable.ts';

const log = (line: string) => console.log(line);

try {
  const findings = await auditAll(loadStackConfig().config.databases);
  log(findings === 0 ? 'audit: nothing is wrong' : `audit: ${findings} findings`);
  process.exitCode = findings === 0 ? 0 : 1;
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 2;
}

async function auditAll(databases: Config['databases']): Promise<number> {
  const opened = eachService((name) =>
    openDatabase(databases[name], { name: 'unwind-audit', max: 2, statementTimeoutMs: 600_000 }),
  );
  try {
    const findings = await audit(opened, log);
    const { accounts, sum } = await ledgerBalances(opened.loan);
    log(`accounts: ${JSON.stringify(accounts)}, sum ${sum}`);
    return findings;
  } catch (error) {
    throw new Error(whyUnusable(error, hostsOf(Object.values(databases))));
  } finally {
    await Promise.all(Object.values(opened).map((database) => database.end()));
  }
}
