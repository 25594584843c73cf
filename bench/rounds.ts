import type { Log } from '../scripts/stack/progress.ts';
import type { ContenderProcess } from './contender-process.ts';
import type { Contender } from './contenders.ts';
import type { Loaded } from './messages.ts';
import { isRunBy, loadOf, type Part, planRound } from './plan.ts';
import { percentile } from './statistics.ts';
import { usageOf } from './usage.ts';

/** Whose processors and memory a contender's sagas take. */
export const groups = ['application', 'engine', 'postgres'] as const;
export type Group = (typeof groups)[number];

export interface Running {
  contender: Contender;
  process: ContenderProcess;
  /** The processes of each group: those of its application, and the servers. */
  pids: Record<Group, number[]>;
  /** Throws unless the rows are as these sagas should have left them. */
  check(ids: string[], refused: boolean): Promise<void>;
}

export interface MeasuredRound {
  sagas: number;
  sagasPerSecond: number;
  p50: number;
  p95: number;
  p99: number;
  /** Milliseconds of a processor a saga; undefined where it cannot be measured. */
  cpu: Record<Group, number | undefined>;
  /** Megabytes, at the end of the load. */
  memory: Record<Group, number | undefined>;
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
  /** No round begins that would not end by then, but for the first: milliseconds since 1970. */
  until: number;
  log: Log;
}

/** Every load once a round for everyone, in turn: what slows the machine for a while slows all of them. */
export async function runRounds(running: Running[], { rounds, sagas, short, until, log }: Plan) {
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
  await warmUp(running, { sagas, log });
  let longestMs = 0;
  for (let round = 0; round < rounds; round++) {
    const since = Date.now();
    if (round > 0 && since + longestMs > until) {
      log(`Stopping after ${round} of ${rounds} rounds: another one would take too long here.`);
      break;
    }
    for (const part of parts) {
      log(`Round ${round + 1} of ${rounds}: ${part.workload}, ${part.way} …`);
      if (part.way === 'arrivals') perSecond ||= rateFor(rows);
      const load = loadOf(part, { sagas, round, perSecond });
      for (const each of running) {
        const row = rowOf(part, each);
        if (row) row.rounds.push(await measure(each, load));
      }
    }
    longestMs = Math.max(longestMs, Date.now() - since);
  }
  return { rows, perSecond };
}

/** Half of what the slowest Unwind can do, so that nobody is asked for more than it can. */
function rateFor(rows: Row[]): number {
  const all = rows.filter(({ part }) => part.workload === 'granted' && part.way === '50 at once');
  const ours = all.filter(({ contender }) => contender.part === 'unwind');
  const rates = (ours.length > 0 ? ours : all).flatMap(({ rounds }) => rounds[0]?.sagasPerSecond ?? []);
  return Math.max(1, Math.round(Math.min(...rates) / 2));
}

/** Long enough that most of the code that runs often has been compiled. */
async function warmUp(running: Running[], { sagas, log }: Pick<Plan, 'sagas' | 'log'>) {
  for (const each of running) {
    log(`Warming up: ${each.contender.title} …`);
    for (const refused of each.contender.runs === 'four-steps' ? [false, true] : [false])
      await load(each, {
        way: { kind: 'at-once', atOnce: 50 },
        refused,
        seconds: refused ? 1.5 : 4,
        sagas,
      });
  }
}

type Ordered = Parameters<ContenderProcess['load']>[0];

async function measure(running: Running, ordered: Ordered): Promise<MeasuredRound> {
  const before = usageOfGroups(running);
  const { milliseconds, seconds } = await load(running, ordered);
  const after = usageOfGroups(running);
  const sagas = milliseconds.length;
  const ofGroups = (of: (group: Group) => number | undefined) => ({
    application: of('application'),
    engine: of('engine'),
    postgres: of('postgres'),
  });
  return {
    sagas,
    sagasPerSecond: sagas / seconds,
    p50: percentile(milliseconds, 50),
    p95: percentile(milliseconds, 95),
    p99: percentile(milliseconds, 99),
    cpu: ofGroups((group) => {
      const [from, to] = [before[group], after[group]];
      return from && to && ((to.cpuSeconds - from.cpuSeconds) / sagas) * 1_000;
    }),
    memory: ofGroups((group) => after[group]?.megabytes),
  };
}

async function load({ contender, process, check }: Running, ordered: Ordered): Promise<Loaded> {
  const loaded = await process.load(ordered);
  if (loaded.ids.length !== loaded.milliseconds.length)
    throw new Error(
      `${contender.name}: ${loaded.ids.length} sagas were started, ${loaded.milliseconds.length} ended`,
    );
  await check(loaded.ids, ordered.refused);
  return loaded;
}

function usageOfGroups({ pids }: Running) {
  const of = (group: Group) => {
    const each = pids[group].map(usageOf);
    if (each.length === 0 || each.includes(undefined)) return undefined;
    return {
      cpuSeconds: each.reduce((sum, usage) => sum + (usage?.cpuSeconds ?? 0), 0),
      megabytes: each.reduce((sum, usage) => sum + (usage?.megabytes ?? 0), 0),
    };
  };
  return { application: of('application'), engine: of('engine'), postgres: of('postgres') };
}
