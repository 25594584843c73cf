import type { Log } from '../scripts/stack/progress.ts';
import { openArena } from './arena.ts';
import { contenders } from './contenders.ts';
import { readOptions } from './options.ts';
import { installPeers } from './peers.ts';
import { tables } from './report/table.ts';
import { runRounds } from './rounds.ts';
import { startServers } from './servers/servers.ts';
import { takePlace } from './stack.ts';

const log: Log = (line) => console.error(line);

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(args: string[]) {
  const names = contenders.map(({ name }) => name);
  const options = readOptions(args, names);
  const chosen = contenders.filter(({ name }) => (options.only ? options.only.includes(name) : true));
  const missing = chosen.some((contender) => contender.package) ? await installPeers(log) : undefined;
  if (missing) log(missing);
  const place = await takePlace(log);
  const closing: (() => Promise<unknown>)[] = [place.leave];
  const end = async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => void end().finally(() => process.exit(1)));
  try {
    const servers = await startServers(place, chosen, 'fsync', log);
    const arena = await openArena(
      place,
      chosen.filter(({ server }) => !server || servers.found.has(server)),
      servers,
      log,
    );
    closing.push(arena.close);
    const { rows } = await runRounds(arena.running, { ...options, log });
    console.log(tables(rows, 'unwind'));
  } finally {
    await end();
  }
}
