import type { Log } from '../scripts/stack/progress.ts';
import { openArena } from './arena.ts';
import type { Contender } from './contenders.ts';
import type { Durability } from './durability.ts';
import { lineOf, type Phase } from './results.ts';
import { runRounds } from './rounds.ts';
import { startServers } from './servers/servers.ts';
import { takePlace } from './stack.ts';

interface Conditions {
  durability: Durability;
  contenders: Contender[];
  rounds: number;
  sagas: number;
  short: boolean;
  until: number;
  profile?: string | undefined;
  /** What could not be had before the servers were started, and why. */
  leftOut: Record<string, string>;
  /** Told how to end everything before its time. */
  onPlace(leave: () => Promise<void>): void;
  log: Log;
}

/** All rounds with one durability, on servers of its own. */
export async function runPhase(conditions: Conditions): Promise<Phase> {
  const { durability, contenders, log, onPlace } = conditions;
  const place = await takePlace(log);
  onPlace(place.leave);
  try {
    const servers = await startServers(place, contenders, durability, log);
    const present = contenders.filter(({ server }) => !server || servers.found.has(server));
    const { running, close, failed } = await openArena(place, present, servers, conditions);
    try {
      const { rows, perSecond } = await runRounds(running, conditions);
      return {
        durability,
        servers: servers.described,
        left_out: { ...conditions.leftOut, ...Object.fromEntries(servers.missing), ...failed },
        arrivals_per_second: perSecond,
        lines: rows.map(lineOf),
      };
    } finally {
      await close();
    }
  } finally {
    await place.leave();
  }
}
