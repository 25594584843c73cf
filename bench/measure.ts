import type { Log } from '../scripts/stack/progress.ts';

export interface Measured {
  way: string;
  /** Of each round, ascending. */
  milliseconds: number[];
}

interface Options {
  warmUp: number;
  rounds: number;
  log: Log;
}

const saysEveryMs = 5_000;

/** Times each way once a round, one after the other: what slows the machine for a while slows all of them. */
export async function measure(
  ways: Record<string, () => Promise<void>>,
  { warmUp, rounds, log }: Options,
): Promise<Measured[]> {
  const measured = Object.entries(ways).map(([way, run]) => ({ way, run, milliseconds: [] as number[] }));
  let saidAt = 0;
  for (let round = -warmUp; round < rounds; round++) {
    if (performance.now() - saidAt > saysEveryMs) {
      log(round < 0 ? `Warming up: ${warmUp + round} of ${warmUp} …` : `Measuring: ${round} of ${rounds} …`);
      saidAt = performance.now();
    }
    for (const { run, milliseconds } of measured) {
      const since = performance.now();
      await run();
      if (round >= 0) milliseconds.push(performance.now() - since);
    }
  }
  return measured.map(({ way, milliseconds }) => ({ way, milliseconds: milliseconds.sort((a, b) => a - b) }));
}
