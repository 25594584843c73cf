import type { Way } from './plan.ts';
import type { Line, Phase } from './results.ts';

/** Of the saga of four steps that is granted, with everything on disk. Null: one of the two was not measured. */
interface Ratios {
  /** Sagas a second, 50 at once: Unwind's by the best peer's. */
  throughput_vs_best_peer: number | null;
  /** One at a time: Unwind's by the best peer's; below 1 Unwind is quicker. */
  p50_vs_best_peer: number | null;
  /** Sagas a second, 50 at once: Unwind's by those of a workflow that does nothing, on the same server. */
  throughput_vs_noop: number | null;
}

export interface Comparison extends Ratios {
  subject: string;
  best_peer_by_throughput: string | null;
  best_peer_by_p50: string | null;
}

/** `subject`: Unwind's contender on the dev server. `suffix`: of all contenders' names on another server. */
export function compare({ lines }: Pick<Phase, 'lines'>, subject: string, suffix = ''): Comparison {
  const granted = (way: Way) => lines.filter((line) => line.workload === 'granted' && line.way === way);
  const [atOnce, alone] = [granted('50 at once'), granted('one at a time')];
  const named = (among: Line[], name: string) =>
    among.find(({ contender }) => contender === `${name}${suffix}`);
  const peers = (among: Line[], better: (a: Line, b: Line) => number) =>
    among.filter(({ part }) => part === 'peer').sort(better)[0];
  const quickest = peers(alone, (a, b) => a.p50_ms.median - b.p50_ms.median);
  const most = peers(atOnce, (a, b) => b.sagas_per_second.median - a.sagas_per_second.median);
  const ours = named(atOnce, subject)?.sagas_per_second.median;
  return {
    subject: `${subject}${suffix}`,
    best_peer_by_throughput: most?.contender ?? null,
    best_peer_by_p50: quickest?.contender ?? null,
    throughput_vs_best_peer: ratio(ours, most?.sagas_per_second.median),
    p50_vs_best_peer: ratio(named(alone, subject)?.p50_ms.median, quickest?.p50_ms.median),
    throughput_vs_noop: ratio(ours, named(atOnce, 'noop')?.sagas_per_second.median),
  };
}

const ratio = (ours: number | undefined, theirs: number | undefined) =>
  ours === undefined || theirs === undefined ? null : Number((ours / theirs).toFixed(3));
