import { type Group, groups } from '../groups.ts';
import { ways, workloads } from '../plan.ts';
import type { Line } from '../results.ts';
import type { Spread } from '../statistics.ts';
import { figure, high } from './figure.ts';

/** A table per load, with each line compared to that of `subject`. */
export function tables(lines: Line[], subject: string): string {
  const loads = workloads.flatMap((workload) => ways.map((way) => ({ workload, way })));
  return loads
    .map(({ workload, way }) => ({
      title: `${workload}, ${way}`,
      lines: lines.filter((line) => line.workload === workload && line.way === way),
    }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ title, lines }) => align(rowsOf(title, lines, subject)))
    .join('\n\n');
}

function rowsOf(title: string, lines: Line[], subject: string): string[][] {
  const isRate = lines[0]?.way === '50 at once';
  const main = (line: Line) => (isRate ? line.sagas_per_second : line.p50_ms);
  const reference = lines.find(({ contender }) => contender === subject);
  const head = [
    title,
    'sagas',
    ...(isRate ? ['sagas/s', 'min–max', 'p50 ms'] : ['p50 ms', 'min–max', 'p95', 'p99']),
    ...(reference ? [`× ${subject}`] : []),
    ...groups.map((group) => `CPU ms ${shortly[group]}`),
    ...groups.map((group) => `MB ${shortly[group]}`),
  ];
  const rows = lines.map((line) => [
    line.title,
    String(line.sagas),
    number(main(line)),
    `${figure(main(line).min)}–${figure(main(line).max)}`,
    ...(isRate ? [number(line.p50_ms)] : [high(line, 95), high(line, 99)]),
    ...(reference ? [`${(main(line).median / main(reference).median).toFixed(2)}`] : []),
    ...groups.map((group) => number(line.cpu_ms_per_saga[group])),
    ...groups.map((group) => number(line.megabytes[group])),
  ]);
  return [head, ...rows];
}

const shortly: Record<Group, string> = { application: 'app', engine: 'engine', postgres: 'PG' };

/** – where there is no such process, or the system does not report it. */
const number = (spread: Spread | null) => (spread === null ? '–' : figure(spread.median));

/** Aligns the first column left, the others right. */
export function align(table: string[][]): string {
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return table.map(line).join('\n');
}
