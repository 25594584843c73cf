import type { Log } from '../scripts/stack/progress.ts';
import { openArena } from './arena.ts';
import type { Contender } from './contenders.ts';
import type { Durability } from './durability.ts';
import { type LeftOut, leaveOut, noTime } from './left-out.ts';
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
  /** What was missing before the servers were started. */
  leftOut: LeftOut;
  /** Receives the cleanup for an interrupt. */
  onPlace(leave: () => Promise<void>): void;
  /** Aborted by an interrupt. */
  signal: AbortSignal;
  log: Log;
}

/** The part of a short run that is reserved for the last contenders. */
const lastMs = 2.5 * 60_000;

/** Runs them in sequence. When a later one fails, the earlier results are still reported. */
export async function runPhases(
  durabilities: Durability[],
  conditions: Omit<Conditions, 'durability'>,
  run = runPhase,
): Promise<Phase[]> {
  const phases: Phase[] = [];
  for (const durability of durabilities)
    try {
      phases.push(await run({ ...conditions, durability }));
    } catch (error) {
      const [first] = phases;
      if (!first) throw error;
      leaveOut(first.left_out, `everything, ${durability}`, error, conditions.log);
    }
  return phases;
}

/** All rounds with one durability. Unwind's API comes last, because its servers keep the machine busy. */
export async function runPhase(conditions: Conditions, run = runGroup): Promise<Phase> {
  const { durability, contenders, until, log } = conditions;
  const isLast = ({ runs }: Contender) => runs === 'origination';
  const [first, last] = [contenders.filter((each) => !isLast(each)), contenders.filter(isLast)];
  const phases: Phase[] = [];
  const leftOut: LeftOut = {};
  if (first.length > 0)
    phases.push(
      await run({ ...conditions, contenders: first, until: last.length > 0 ? until - lastMs : until }),
    );
  if (last.length > 0)
    try {
      if (first.length > 0 && Date.now() + lastMs > until) throw new Error(noTime);
      phases.push(await run({ ...conditions, contenders: last }));
    } catch (error) {
      if (first.length === 0) throw error;
      leaveOut(leftOut, last.map(({ name }) => name).join(', '), error, log);
    }
  const servers = new Map(phases.flatMap((phase) => phase.servers.map((server) => [server.title, server])));
  return {
    durability,
    servers: [...servers.values()],
    left_out: Object.assign({}, conditions.leftOut, ...phases.map(({ left_out }) => left_out), leftOut),
    arrivals_per_second: Math.max(0, ...phases.map(({ arrivals_per_second }) => arrivals_per_second)),
    lines: phases.flatMap(({ lines }) => lines),
  };
}

/** Starts its own servers. */
async function runGroup(conditions: Conditions): Promise<Phase> {
  const { contenders, durability, short, log, onPlace, signal } = conditions;
  signal.throwIfAborted();
  const place = await takePlace(log);
  onPlace(place.leave);
  try {
    const servers = await startServers(place, contenders, { durability, short, log });
    const present = contenders.filter(({ server }) => !server || servers.found.has(server));
    const { running, close, failed: notOpened } = await openArena(place, present, servers, conditions);
    try {
      const { rows, perSecond, failed } = await runRounds(running, conditions);
      return {
        durability,
        servers: servers.described,
        left_out: { ...servers.missing, ...notOpened, ...failed },
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
