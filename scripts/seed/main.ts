import { orExit } from '../../src/cli/or-exit.ts';
import { withDatabases } from '../../src/cli/with-databases.ts';
import { loadStackConfig } from '../../src/config-stack.ts';
import { messageOf } from '../../src/guard/error-code.ts';
import type { Databases } from './enter.ts';
import { readOptions, usage } from './options.ts';
import { describePortfolio, readPortfolio, whole } from './portfolio.ts';
import { showProgress } from './progress.ts';
import { seed } from './seed.ts';

type Options = ReturnType<typeof readOptions>;

/** Reading the portfolio takes long when much is there. */
const statementTimeoutMs = 600_000;
const used = ['customer', 'mortgage', 'loan'] as const;
const connections = { name: 'unwind-seed', max: 4, statementTimeoutMs, used };

await orExit(async () => {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  await withDatabases(connections, async (databases) => {
    // Before the first line of progress: it fails when the databases cannot be used.
    await readPortfolio(databases);
    const isWhole = await run(options, databases);
    const portfolio = await readPortfolio(databases);
    console.log(describePortfolio(portfolio));
    if (!portfolio.ledger.balanced) process.exitCode = 1;
    if (isWhole) console.log(whatNext(loadStackConfig().config.localUrl));
  });
});

/** Returns whether it was not stopped. */
async function run(options: Options, databases: Databases): Promise<boolean> {
  const stop = new AbortController();
  // Ctrl-C arrives twice, from the terminal and from npm. The second one must not end the process.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  const progress = showProgress(options.customers);
  try {
    const { customers } = await seed({ ...options, databases, signal: stop.signal, report: progress.report });
    progress.end();
    if (customers === options.customers) return true;
    console.log(`Stopped after ${whole(customers)} customers. The next run goes on from here.`);
    process.exitCode = 130;
    return false;
  } catch (error) {
    progress.end();
    const stopped = messageOf(error);
    throw new Error(
      `Stopped at ${stopped}.\nWhat was written stays. When the cause is fixed, the next run adds what is missing.`,
    );
  }
}

function whatNext(url: string): string {
  return `
Look at it:

   curl -s '${url}/customers?limit=3'
   curl -s ${url}/customers/CUSTOMER_ID/loans
   curl -s ${url}/ledger/balances`;
}
