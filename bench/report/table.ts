import { type Part, ways, workloads } from '../plan.ts';
import { type Group, groups, type MeasuredRound, type Row } from '../rounds.ts';
import { median, type Spread, spreadOf } from '../statistics.ts';

/** One table a load: what was measured, and how it compares with the row named `measure`. */
export function tables(rows: Row[], measure: string): string {
  const each = workloads.flatMap((workload) =>
    ways.map((way) => rows.filter(({ part }) => part.workload === workload && part.way === way)),
  );
  return each.flatMap((rows) => (rows[0] ? tableOf(rows[0].part, rows, measure) : [])).join('\n\n');
}

function tableOf({ workload, way }: Part, rows: Row[], measure: string): string {
  const isRate = way === '50 at once';
  const main = (row: Row) => spreadOf(row.rounds.map((round) => (isRate ? round.sagasPerSecond : round.p50)));
  const reference = rows.find(({ contender }) => contender.name === measure);
  const head = [
    `${workload}, ${way}`,
    'sagas',
    ...(isRate ? ['sagas/s', 'min–max', 'p50 ms'] : ['p50 ms', 'min–max', 'p95', 'p99']),
    ...(reference ? [`× ${measure}`] : []),
    ...groups.map((group) => `CPU ms ${short[group]}`),
    ...groups.map((group) => `MB ${short[group]}`),
  ];
  const lines = rows.map((row) => {
    const { rounds } = row;
    const of = (pick: (round: MeasuredRound) => number | undefined) => number(medianOf(rounds, pick));
    const spread = main(row);
    return [
      row.contender.title,
      String(rounds.reduce((sum, { sagas }) => sum + sagas, 0)),
      number(spread.median),
      range(spread),
      ...(isRate ? [of(({ p50 }) => p50)] : [of(({ p95 }) => p95), of(({ p99 }) => p99)]),
      ...(reference ? [(spread.median / main(reference).median).toFixed(2)] : []),
      ...groups.map((group) => of(({ cpu }) => cpu[group])),
      ...groups.map((group) => of(({ memory }) => memory[group])),
    ];
  });
  return align([head, ...lines]);
}

const short: Record<Group, string> = { application: 'app', engine: 'engine', postgres: 'Postgres' };

/** Undefined unless every round has it. */
function medianOf(
  rounds: MeasuredRound[],
  pick: (round: MeasuredRound) => number | undefined,
): number | undefined {
  const values = rounds.flatMap((round) => pick(round) ?? []);
  return values.length === rounds.length && values.length > 0 ? median(values) : undefined;
}

const number = (value: number | undefined) =>
  value === undefined ? '–' : value >= 100 ? value.toFixed(0) : value.toFixed(1);
const range = ({ min, max }: Spread) => `${number(min)}–${number(max)}`;

function align(table: string[][]): string {
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return table.map(line).join('\n');
}
