import type { Line } from '../../bench/results.ts';

const spread = (value: number) => ({ median: value, min: value, max: value });
const nothing = { application: null, engine: null, postgres: null };

/** Of the saga that is granted, made up. */
export const line = (
  contender: string,
  { p50 = 10, rate = 100, ...more }: Partial<Line> & { p50?: number; rate?: number } = {},
): Line => ({
  contender,
  title: contender,
  part: 'unwind',
  workload: 'granted',
  way: '50 at once',
  rounds: 3,
  sagas: 3_000,
  fewest_sagas: 1_000,
  sagas_per_second: spread(rate),
  p50_ms: spread(p50),
  p95_ms: spread(2 * p50),
  p99_ms: spread(3 * p50),
  cpu_ms_per_saga: nothing,
  megabytes: nothing,
  ...more,
});
