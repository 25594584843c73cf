import { open } from '../engines/origination/api.ts';
import { runLoad } from '../loads.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { type Another, startAnother } from './another.ts';
import type { Ground } from './ground.ts';
import { cpuMs, type PerProcess, usages } from './processes.ts';

interface Turn {
  workers: number;
  /** Sagas of the warm-up. */
  warmed: number;
  sagas: number;
  sagas_per_second: number;
  cpu_ms_per_saga: PerProcess<number>;
}

/** The results for one number of worker processes, over all rounds. */
export interface Throughput {
  workers: number;
  sagas: number;
  sagas_per_second: Spread;
  /** In the median round. */
  cpu_ms_per_saga: PerProcess<number>;
}

interface Plan {
  rounds: number;
  seconds: number;
  /** The most sagas in a turn. */
  sagas: number;
  /** Numbers of processes; each is measured once a round. */
  counts: number[];
}

/** Immediately approved originations, 50 in progress, with each number of processes, ascending and then descending. */
export async function measureThroughput(ground: Ground, plan: Plan) {
  const turns: Turn[] = [];
  const others: Another[] = [];
  try {
    for (let round = 0; round < plan.rounds; round += 1) {
      for (const workers of round % 2 === 0 ? plan.counts : plan.counts.toReversed()) {
        while (others.length < workers - 1)
          others.push(await startAnother(ground, `another-${others.length + 1}`));
        while (others.length > workers - 1) await others.pop()?.stop();
        const turn = await take(ground, others, plan);
        const rate = turn.sagas_per_second.toFixed(1);
        ground.log(`Throughput, round ${round + 1} of ${plan.rounds}: ${rate} sagas/s by ${workers}`);
        turns.push(turn);
      }
    }
  } finally {
    await Promise.all(others.map((other) => other.stop()));
  }
  const sagas = turns.reduce((sum, turn) => sum + turn.warmed + turn.sagas, 0);
  return { throughput: plan.counts.map((workers) => summary(workers, turns)), sagas };
}

async function take({ place, api }: Ground, others: Another[], { seconds, sagas }: Plan): Promise<Turn> {
  const apis = [api, ...others.flatMap((other) => other.api ?? [])];
  const settings = { name: 'origination', taskQueue: '', engine: '', databaseUrl: '', bundles: '' };
  const engines = await Promise.all(apis.map((each) => open({ ...settings, api: each })));
  let next = 0;
  const engine = {
    run: async (saga: Parameters<(typeof engines)[0]['run']>[0]) =>
      engines[next++ % engines.length]?.run(saga),
    close: async () => {},
  };
  const way = { kind: 'at-once', atOnce: 50 } as const;
  // A process that has just started is still compiling its code.
  const warmUp = await runLoad(engine, { way, refused: false, seconds: 2, sagas: Math.min(sagas, 100) });
  const pids = others.map(({ pid }) => pid);
  const before = usages(place, pids);
  const loaded = await runLoad(engine, { way, refused: false, seconds, sagas });
  const after = usages(place, pids);
  return {
    workers: others.length + 1,
    warmed: warmUp.ids.length,
    sagas: loaded.ids.length,
    sagas_per_second: loaded.perSecond,
    cpu_ms_per_saga: cpuMs(before, after, loaded.ids.length),
  };
}

function summary(workers: number, all: Turn[]): Throughput {
  const turns = all
    .filter((turn) => turn.workers === workers)
    .sort((a, b) => a.sagas_per_second - b.sagas_per_second);
  return {
    workers,
    sagas: turns.reduce((sum, turn) => sum + turn.sagas, 0),
    sagas_per_second: spreadOf(turns.map((turn) => turn.sagas_per_second)),
    cpu_ms_per_saga: turns[Math.floor((turns.length - 1) / 2)]?.cpu_ms_per_saga ?? {},
  };
}
