import { groups } from '../groups.ts';
import type { Way, Workload } from '../plan.ts';
import type { Line, Phase } from '../results.ts';
import type { Spread } from '../statistics.ts';
import { figure, high } from './figure.ts';
import { durabilities } from './text.ts';

/** The README's tables: for each phase and workload, a line per contender. */
export const markdownOf = (phases: Phase[]): string =>
  phases
    .map(({ durability, lines }) =>
      [
        `**${durabilities[durability]}**\n`,
        table(lines, 'granted', ['undone']),
        table(lines, 'origination', []),
      ]
        .filter(Boolean)
        .join('\n'),
    )
    .join('\n');

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
  const rule = columns.map((_, index) => (index === 0 ? '---' : '---:'));
  return [columns, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
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
