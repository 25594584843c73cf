import type { Contender } from './contenders.ts';
import type { Load } from './messages.ts';

export const workloads = ['granted', 'undone', 'origination'] as const;
export type Workload = (typeof workloads)[number];

export const ways = ['one at a time', '50 at once', 'arrivals'] as const;
export type Way = (typeof ways)[number];

export interface Part {
  workload: Workload;
  way: Way;
  seconds: number;
}

/** The loads of a round, in sequence, each for every contender. Arrivals come last: their rate depends on the others. */
export function planRound({ short }: { short: boolean }): Part[] {
  const seconds = (shortly: number) => (short ? shortly : 2 * shortly);
  return [
    { workload: 'granted', way: 'one at a time', seconds: seconds(1.5) },
    { workload: 'granted', way: '50 at once', seconds: seconds(3.5) },
    { workload: 'undone', way: 'one at a time', seconds: seconds(1) },
    { workload: 'undone', way: '50 at once', seconds: seconds(1.5) },
    { workload: 'origination', way: 'one at a time', seconds: seconds(2) },
    { workload: 'origination', way: '50 at once', seconds: seconds(2) },
    { workload: 'granted', way: 'arrivals', seconds: seconds(2) },
  ];
}

export function isRunBy({ workload }: Part, { runs }: Contender): boolean {
  if (runs === 'origination') return workload === 'origination';
  return workload === 'granted' || (workload === 'undone' && runs === 'four-steps');
}

interface Circumstances {
  sagas: number;
  round: number;
  /** The rate of arrivals. */
  perSecond: number;
}

export const loadOf = (
  { workload, way, seconds }: Part,
  { sagas, round, perSecond }: Circumstances,
): Load => ({
  way:
    way === 'arrivals'
      ? { kind: 'arrivals', perSecond, seed: round + 1 }
      : { kind: 'at-once', atOnce: way === '50 at once' ? 50 : 1 },
  refused: workload === 'undone',
  seconds,
  sagas,
});
