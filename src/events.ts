import { orExit } from './cli/or-exit.ts';
import { type Databases, withDatabases } from './cli/with-databases.ts';
import { readOptions, usage } from './events/options.ts';
import { listedAtOnce, listParked, type ParkedItem, release } from './events/parked.ts';

await orExit(async () => {
  const options = readOptions(process.argv.slice(2));
  if (!options) return console.log(usage);
  await withDatabases({ name: 'unwind-events', max: 1 }, (databases) => run(databases, options.release));
});

async function run(databases: Databases, wanted: string | undefined): Promise<void> {
  if (wanted !== undefined && wanted !== 'all') {
    if (await release(databases, wanted)) return console.log(`${wanted} is released.`);
    console.error(`${wanted} is not parked. List what is parked: npm run events`);
    process.exitCode = 1;
    return;
  }
  const parked = await listParked(databases);
  if (parked.length === 0) return console.log('Nothing is parked.');
  if (wanted === 'all') return releaseAll(databases, parked);
  for (const each of parked) console.log(lineOf(each));
  if (parked.length >= listedAtOnce) console.log(`There may be more: these are the first ${parked.length}.`);
}

/** Releases each once, even if it is parked again meanwhile. */
async function releaseAll(databases: Databases, first: ParkedItem[]): Promise<void> {
  const seen = new Set<string>();
  for (let parked = first; parked.length > 0; ) {
    for (const { key } of parked) {
      seen.add(key);
      // False when somebody else released it first.
      if (await release(databases, key)) console.log(`${key} is released.`);
    }
    parked = (await listParked(databases)).filter(({ key }) => !seen.has(key));
  }
}

function lineOf({ key, what, sagaId, attempts, error, parkedAt }: ParkedItem): string {
  const since = parkedAt?.toISOString();
  return `${key.padEnd(14)} ${what.padEnd(30)} saga ${sagaId}, parked since ${since}, ${attempts} attempts: ${error}`;
}
