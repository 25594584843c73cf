import type { Way } from './plan.ts';
import type { Line, Phase } from './results.ts';

/** For the granted four-step saga with fsync. Null where one of the two was not measured. */
interface Ratios {
  /** Throughput at 50 at once: Unwind divided by the best peer. */
  throughput_vs_best_peer: number | null;
  /** Latency one at a time: Unwind divided by the best peer. Below 1, Unwind is faster. */
  p50_vs_best_peer: number | null;
  /** Throughput at 50 at once: Unwind divided by a no-op workflow on the same server. */
  throughput_vs_noop: number | null;
}

export interface Comparison extends Ratios {
  subject: string;
  best_peer_by_throughput: string | null;
  best_peer_by_p50: string | null;
  /** Left out, and perhaps the best: without them there is no ratio to the best peer. */
  missing_peers: string[];
}

interface Compared {
  /** Unwind's contender on the dev server. */
  subject: string;
  /** Those that were chosen. */
  peers: string[];
  /** Ends the names of all contenders on another server. */
  suffix?: string;
}

export function compare(
  { lines }: Pick<Phase, 'lines'>,
  { subject, peers, suffix = '' }: Compared,
): Comparison {
  const granted = (way: Way) => lines.filter((line) => line.workload === 'granted' && line.way === way);
  const [atOnce, alone] = [granted('50 at once'), granted('one at a time')];
  const named = (among: Line[], name: string) =>
    among.find(({ contender }) => contender === `${name}${suffix}`);
  const missing = peers.filter((name) => !lines.some(({ contender }) => contender === name));
  const best = (among: Line[], better: (a: Line, b: Line) => number) =>
    missing.length > 0 ? undefined : among.filter(({ part }) => part === 'peer').sort(better)[0];
  const quickest = best(alone, (a, b) => a.p50_ms.median - b.p50_ms.median);
  const most = best(atOnce, (a, b) => b.sagas_per_second.median - a.sagas_per_second.median);
  const ours = named(atOnce, subject)?.sagas_per_second.median;
  return {
    subject: `${subject}${suffix}`,
    best_peer_by_throughput: most?.contender ?? null,
    best_peer_by_p50: quickest?.contender ?? null,
    missing_peers: missing,
    throughput_vs_best_peer: ratio(ours, most?.sagas_per_second.median),
    p50_vs_best_peer: ratio(named(alone, subject)?.p50_ms.median, quickest?.p50_ms.median),
    throughput_vs_noop: ratio(ours, named(atOnce, 'noop')?.sagas_per_second.median),
  };
}

const ratio = (ours: number | undefined, theirs: number | undefined) =>
  ours === undefined || theirs === undefined ? null : Number((ours / theirs).toFixed(3));
