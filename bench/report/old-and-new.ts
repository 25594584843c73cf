import type { Line } from '../results.ts';
import { align } from './table.ts';

/** Ratios of this version to the other. Higher throughput is better; lower time is better. */
export function oldAndNew(lines: Line[]): string {
  const rows = lines.flatMap((line) => {
    const old = lines.find(
      ({ contender, workload, way }) =>
        contender === `${line.contender}-old` && workload === line.workload && way === line.way,
    );
    if (!old) return [];
    const ratio = (of: (line: Line) => number | undefined) => {
      const [ours, theirs] = [of(line), of(old)];
      return ours === undefined || theirs === undefined ? '–' : (ours / theirs).toFixed(2);
    };
    return [
      [
        `${line.title}, ${line.workload}, ${line.way}`,
        ratio(({ sagas_per_second }) => sagas_per_second.median),
        ratio(({ p50_ms }) => p50_ms.median),
        ratio(({ p95_ms }) => p95_ms.median),
        ratio(({ cpu_ms_per_saga }) => cpu_ms_per_saga.application?.median),
        ratio(({ cpu_ms_per_saga }) => cpu_ms_per_saga.engine?.median),
      ],
    ];
  });
  return align([['new / old', 'sagas/s', 'p50', 'p95', 'CPU app', 'CPU engine'], ...rows]);
}
