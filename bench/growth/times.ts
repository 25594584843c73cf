import { percentile } from '../statistics.ts';

export interface Times {
  samples: number;
  p50_ms: number;
  p95_ms: number;
}

export const timesOf = (milliseconds: number[]): Times => ({
  samples: milliseconds.length,
  p50_ms: percentile(milliseconds, 50),
  p95_ms: percentile(milliseconds, 95),
});

/** Repeats `work` in sequence, with a pause after each. */
export async function time(often: number, work: (turn: number) => Promise<unknown>, rest = async () => {}) {
  const milliseconds: number[] = [];
  for (let turn = 0; turn < often; turn += 1) {
    const since = performance.now();
    await work(turn);
    milliseconds.push(performance.now() - since);
    await rest();
  }
  return timesOf(milliseconds);
}
