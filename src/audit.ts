import { audit } from './audit/run.ts';
import { orExit } from './cli/or-exit.ts';
import { refuseArguments } from './cli/refuse-arguments.ts';
import { withDatabases } from './cli/with-databases.ts';
import { serviceNames } from './service-names.ts';
import { ledgerBalances } from './services/loan/ledger-balances.ts';

const connections = { name: 'unwind-audit', max: 2, statementTimeoutMs: 600_000, used: serviceNames };
/** Exit code 1 means findings. */
const failureCode = 2;
const log = (line: string) => console.log(line);

await orExit(async () => {
  refuseArguments('npm run audit checks what must hold across the databases: it has no options');
  await withDatabases(connections, async (databases) => {
    const findings = await audit(databases, log);
    const { accounts, sum } = await ledgerBalances(databases.loan);
    log(`accounts: ${JSON.stringify(accounts)}, sum ${sum}`);
    log(findings === 0 ? 'audit: nothing is wrong' : `audit: ${findings} findings`);
    process.exitCode = findings === 0 ? 0 : 1;
  });
}, failureCode);
