import { loadStackConfig } from '../../src/config-stack.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { hostsOf, messageOf, whyUnusable } from '../../src/why-unusable.ts';
import { readOptions, usage } from './options.ts';
import { describePortfolio, readPortfolio, whole } from './portfolio.ts';
import { showProgress } from './progress.ts';
import { seed } from './seed.ts';

type Options = ReturnType<typeof readOptions>;

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else await fill(options);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function fill(options: Options): Promise<void> {
  const { config } = loadStackConfig();
  const open = (name: 'customer' | 'mortgage' | 'loan') =>
    openDatabase(config.databases[name], { name: 'unwind-seed', max: 4 });
  const databases = { customer: open('customer'), mortgage: open('mortgage'), loan: open('loan') };
  const urls = [config.databases.customer, config.databases.mortgage, config.databases.loan];
  try {
    await readPortfolio(databases).catch((error: unknown) => {
      throw new Error(whyUnusable(error, hostsOf(urls)));
    });
    const isWhole = await run(options, databases);
    const portfolio = await readPortfolio(databases);
    console.log(describePortfolio(portfolio));
    if (!portfolio.ledger.balanced) process.exitCode = 1;
    if (isWhole) console.log(whatNext(`http://${config.host}:${config.port}`));
  } finally {
    await Promise.all(Object.values(databases).map((database) => database.end()));
  }
}

async function run(options: Options, databases: Parameters<typeof seed>[0]['databases']): Promise<boolean> {
  const stop = new AbortController();
  // npm passes on the Ctrl-C that has reached us already: the second one must not end the process.
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
      `Stopped at ${stopped}.\nWhat was written stays, and a run that gets past it adds what is missing.`,
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
