import { type Config, databaseNames, eachService } from './config.ts';
import { loadStackConfig } from './config-stack.ts';
import { readOptions, usage } from './events/options.ts';
import { type Databases, listedAtOnce, listParked, type Parked, release } from './events/parked.ts';
import { openDatabase } from './guard/database.ts';
import { hostsOf, messageOf, whyUnusable } from './why-unusable.ts';

try {
  const options = readOptions(process.argv.slice(2));
  if (!options) console.log(usage);
  else await withDatabases((databases) => run(databases, options.release));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function run(databases: Databases, wanted: string | undefined): Promise<void> {
  if (wanted !== undefined && wanted !== 'all') {
    if (await release(databases, wanted)) return console.log(`${wanted} is released.`);
    console.error(`${wanted} is not parked. What is parked, lists: npm run events`);
    process.exitCode = 1;
    return;
  }
  const parked = await listParked(databases);
  if (parked.length === 0) return console.log('Nothing is parked.');
  if (wanted === 'all') return releaseAll(databases, parked);
  for (const each of parked) console.log(lineOf(each));
  if (parked.length >= listedAtOnce) console.log('There may be more: these are the first.');
}

/** Each once, also where it is parked again meanwhile. */
async function releaseAll(databases: Databases, first: Parked[]): Promise<void> {
  const seen = new Set<string>();
  for (let parked = first; parked.length > 0; ) {
    for (const { key } of parked) {
      seen.add(key);
      // Else somebody has released it meanwhile.
      if (await release(databases, key)) console.log(`${key} is released.`);
    }
    parked = (await listParked(databases)).filter(({ key }) => !seen.has(key));
  }
}

function lineOf({ key, what, sagaId, attempts, error, parkedAt }: Parked): string {
  const since = parkedAt?.toISOString();
  return `${key.padEnd(14)} ${what.padEnd(30)} saga ${sagaId}, parked since ${since}, ${attempts} attempts: ${error}`;
}

async function withDatabases(work: (databases: Databases) => Promise<void>): Promise<void> {
  const { databases: urls } = loadStackConfig().config;
  const databases = openAll(urls);
  try {
    await work(databases);
  } catch (error) {
    throw new Error(whyUnusable(error, hostsOf(Object.values(urls))));
  } finally {
    await Promise.all(databaseNames.map((name) => databases[name].end()));
  }
}

function openAll(urls: Config['databases']): Databases {
  const open = (name: keyof Databases) => openDatabase(urls[name], { name: 'unwind-events', max: 1 });
  return { ...eachService(open), unwind: open('unwind') };
}
