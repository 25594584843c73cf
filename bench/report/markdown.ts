import { groups } from '../groups.ts';
import type { Way, Workload } from '../plan.ts';
import type { Line, Phase } from '../results.ts';
import type { Spread } from '../statistics.ts';
import { figure, high } from './figure.ts';
import { durabilities } from './text.ts';

/** The README's table, and those of docs/benchmark.md: for each phase and workload, a line per contender. */
export const markdownOf = (phases: Phase[], subject: string): string =>
  [
    summary(phases[0]?.lines ?? [], subject),
    ...phases.map(({ durability, lines }) =>
      [
        `**${durabilities[durability]}**\n`,
        table(lines, 'granted', ['undone']),
        table(lines, 'origination', []),
      ]
        .filter(Boolean)
        .join('\n'),
    ),
  ]
    .filter(Boolean)
    .join('\n');

/** The four steps of each contender, and the ratio of `subject` to it. */
function summary(lines: Line[], subject: string): string {
  const granted = (way: Way) => lines.filter((line) => line.workload === 'granted' && line.way === way);
  const [alone, many] = [granted('one at a time'), granted('50 at once')];
  const of = (among: Line[], name: string) => among.find(({ contender }) => contender === name);
  const rows = many.map(({ contender, title, sagas_per_second }) => {
    const p50 = of(alone, contender)?.p50_ms;
    return [
      title,
      spread(p50),
      ratio(of(alone, subject)?.p50_ms, p50),
      spread(sagas_per_second),
      ratio(of(many, subject)?.sagas_per_second, sagas_per_second),
    ];
  });
  const columns = ['four steps', 'p50 ms, one at a time', 'ratio', 'sagas/s, 50 at once', 'ratio'];
  return rows.length === 0 ? '' : markdownTable(columns, rows);
}

function ratio(ours?: Spread, theirs?: Spread): string {
  if (!ours || !theirs) return '–';
  const times = ours.median / theirs.median;
  return `${times.toFixed(times < 10 ? 2 : 1)} ×`;
}

function markdownTable(columns: string[], rows: string[][]): string {
  const rule = columns.map((_, index) => (index === 0 ? '---' : '---:'));
  return [columns, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

const head = {
  granted: ['p50 ms, one at a time', 'sagas/s, 50 at once', 'p50 / p99 ms, arrivals', 'CPU ms a saga', 'MB'],
  undone: ['undone: p50 ms', 'undone: sagas/s'],
};

function table(lines: Line[], workload: Workload, more: 'undone'[]): string {
  const of = (contender: string, work: Workload, way: Way) =>
    lines.find((line) => line.contender === contender && line.workload === work && line.way === way);
  const names = [
    ...new Set(lines.filter((line) => line.workload === workload).map(({ contender }) => contender)),
  ];
  if (names.length === 0) return '';
  const columns = [
    workload === 'granted' ? 'four steps' : 'origination over HTTP',
    ...head.granted,
    ...more.flatMap((work) => head[work]),
  ];
  const rows = names.map((name) => {
    const [alone, many, arrivals] = (['one at a time', '50 at once', 'arrivals'] as const).map((way) =>
      of(name, workload, way),
    );
    return [
      many?.title ?? name,
      spread(alone?.p50_ms),
      spread(many?.sagas_per_second),
      arrivals ? `${figure(arrivals.p50_ms.median)} / ${high(arrivals, 99)}` : '–',
      sum(many, 'cpu_ms_per_saga'),
      sum(many, 'megabytes'),
      ...more.flatMap((work) => [
        spread(of(name, work, 'one at a time')?.p50_ms),
        spread(of(name, work, '50 at once')?.sagas_per_second),
      ]),
    ];
  });
  return markdownTable(columns, rows);
}

function spread(value?: Spread): string {
  if (!value) return '–';
  const { median, min, max } = value;
  return min === max ? figure(median) : `${figure(median)} (${figure(min)}–${figure(max)})`;
}

/** The sum of application, engine and Postgres. */
function sum(line: Line | undefined, what: 'cpu_ms_per_saga' | 'megabytes'): string {
  const parts = line ? groups.flatMap((group) => line[what][group]?.median ?? []) : [];
  return parts.length === 0 ? '–' : figure(parts.reduce((total, part) => total + part, 0));
}
