import type { Log } from '../scripts/stack/progress.ts';
import type { ContenderProcess } from './contender-process.ts';
import { type Contender, subject } from './contenders.ts';
import { eachGroup, type Group } from './groups.ts';
import { type LeftOut, leaveOut, noTime } from './left-out.ts';
import { isRunBy, loadOf, type Part, planRound } from './plan.ts';
import { shuffled } from './random.ts';
import { percentile } from './statistics.ts';
import { usageOfAll } from './usage.ts';

export interface Running {
  contender: Contender;
  process: ContenderProcess;
  /** The processes of each group. */
  pids: Record<Group, number[]>;
  /** Throws unless these sagas, of a load that began then, left exactly the expected rows. */
  check(ids: string[], load: { refused: boolean; since: Date }): Promise<void>;
}

/** The results of a round; undefined where they cannot be measured. */
export interface Measured {
  sagas_per_second: number;
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
  /** CPU time of all processes of the group. */
  cpu_ms_per_saga: Record<Group, number | undefined>;
  /** At the end of the load. */
  megabytes: Record<Group, number | undefined>;
}

interface MeasuredRound extends Measured {
  sagas: number;
}

export interface Row {
  contender: Contender;
  part: Part;
  rounds: MeasuredRound[];
}

interface Plan {
  rounds: number;
  sagas: number;
  short: boolean;
  /**
   * Epoch milliseconds. A round that would end later does not begin; the first always does, with as many contenders as it
   * has time for, and at least one.
   */
  until: number;
  log: Log;
}

/** Warmed up first, because without them there are no ratios. */
const foremost = [subject, 'noop', 'plain', 'dbos', 'restate'];
const rankOf = ({ contender }: Running) => [...foremost, contender.name].indexOf(contender.name);

/**
 * Each round runs each load once for each contender, so that a slow phase of the machine affects all of them. A contender
 * that fails is left out from then on. Unwind fast may not fail, because everything is compared with it.
 */
export async function runRounds(running: Running[], { rounds, sagas, short, until, log }: Plan) {
  const failed: LeftOut = {};
  const isThere = ({ contender }: { contender: Contender }) => !(contender.name in failed);
  const attempt = async ({ contender, process }: Running, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (contender.name === subject) throw error;
      leaveOut(failed, contender.name, error, log);
      await process.kill();
    }
  };
  const parts = planRound({ short }).filter((part) =>
    running.some(({ contender }) => isRunBy(part, contender)),
  );
  const rows: Row[] = parts.flatMap((part) =>
    running
      .filter(({ contender }) => isRunBy(part, contender))
      .map(({ contender }) => ({ contender, part, rounds: [] })),
  );
  const rowOf = (part: Part, { contender }: Running) =>
    rows.find((row) => row.part === part && row.contender === contender);
  let perSecond = 0;
  let roundMs = 0;
  for (const [index, each] of running.toSorted((a, b) => rankOf(a) - rankOf(b)).entries())
    await attempt(each, async () => {
      for (const part of parts) if (isRunBy(part, each.contender)) roundMs += part.seconds * 1_000;
      if (index > 0 && Date.now() + roundMs > until) throw new Error(noTime);
      await warmUp(each, { sagas, log });
    });
  let longestMs = 0;
  for (let round = 0; round < rounds; round++) {
    const since = Date.now();
    if (round > 0 && since + longestMs > until) {
      log(`Stopping after ${round} of ${rounds} rounds: another one would take too long here.`);
      break;
    }
    for (const [index, part] of parts.entries()) {
      log(`Round ${round + 1} of ${rounds}: ${part.workload}, ${part.way} …`);
      if (part.way === 'arrivals') perSecond ||= rateFor(rows.filter(isThere));
      const load = loadOf(part, { sagas, round, perSecond });
      // In a different order each time: a contender may leave work behind that slows the next one.
      for (const each of shuffled(running, round * parts.length + index).filter(isThere)) {
        const row = rowOf(part, each);
        if (row)
          await attempt(each, async () => {
            row.rounds.push(await measure(each, load));
          });
      }
    }
    longestMs = Math.max(longestMs, Date.now() - since);
  }
  return { rows: rows.filter(isThere), perSecond, failed };
}

/** Half the throughput of the slowest Unwind, so that no contender is overloaded. */
function rateFor(rows: Row[]): number {
  const all = rows.filter(({ part }) => part.workload === 'granted' && part.way === '50 at once');
  const ours = all.filter(({ contender }) => contender.part === 'unwind');
  const rates = (ours.length > 0 ? ours : all).flatMap(({ rounds }) => rounds[0]?.sagas_per_second ?? []);
  return Math.max(1, Math.round(Math.min(...rates) / 2));
}

/** The same number for each contender, within a time limit. By then most hot code has been compiled. */
const warmUps = [
  { refused: false, sagas: 1_000, seconds: 8 },
  { refused: true, sagas: 200, seconds: 1.5 },
];

async function warmUp(running: Running, { sagas, log }: Pick<Plan, 'sagas' | 'log'>) {
  log(`Warming up: ${running.contender.title} …`);
  for (const { refused, seconds, sagas: most } of warmUps)
    if (!refused || running.contender.runs === 'four-steps')
      await load(running, {
        way: { kind: 'at-once', atOnce: 50 },
        refused,
        seconds,
        sagas: Math.min(sagas, most),
      });
}

type Ordered = Parameters<ContenderProcess['load']>[0];

async function measure(running: Running, ordered: Ordered): Promise<MeasuredRound> {
  const { milliseconds, perSecond, before, after } = await load(running, ordered);
  const sagas = milliseconds.length;
  return {
    sagas,
    sagas_per_second: perSecond,
    p50_ms: percentile(milliseconds, 50),
    p95_ms: percentile(milliseconds, 95),
    p99_ms: percentile(milliseconds, 99),
    cpu_ms_per_saga: eachGroup((group) => {
      const [from, to] = [before[group], after[group]];
      return from && to && ((to.cpuSeconds - from.cpuSeconds) / sagas) * 1_000;
    }),
    megabytes: eachGroup((group) => after[group]?.megabytes),
  };
}

/** Reads the rows back after the last look at the processes: Postgres is not charged for it. */
async function load({ contender, process, pids, check }: Running, ordered: Ordered) {
  const look = () => eachGroup((group) => usageOfAll(pids[group]));
  const since = new Date();
  const before = look();
  const loaded = await process.load(ordered);
  const after = look();
  if (loaded.ids.length !== loaded.milliseconds.length)
    throw new Error(
      `${contender.name}: ${loaded.ids.length} sagas were started, ${loaded.milliseconds.length} ended`,
    );
  await check(loaded.ids, { refused: ordered.refused, since });
  return { ...loaded, before, after };
}
