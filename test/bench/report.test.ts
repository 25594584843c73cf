import { expect, test } from 'vitest';
import { markdownOf } from '../../bench/report/markdown.ts';
import { tables } from '../../bench/report/table.ts';
import type { Phase } from '../../bench/results.ts';
import { line } from './lines.ts';

const arrivals = (fewest_sagas: number) => [line('floor', { way: 'arrivals', fewest_sagas })];

test.for([
  [100, '20.0 +30.0'],
  [99, '20.0 +30.0 \\(max of 99\\)'],
  [19, '20.0 \\(max of 19\\) +30.0 \\(max of 19\\)'],
] as const)('of %i sagas a high percentile is shown as what it is', ([sagas, shown]) => {
  expect(tables(arrivals(sagas), 'unwind-fast')).toMatch(new RegExp(`^floor .* ${shown} +–`, 'm'));
});

const phaseOf = (lines: Phase['lines']): Phase => ({
  ...{ durability: 'fsync', servers: [], left_out: {}, arrivals_per_second: 1, lines },
});

test('the tables of the documentation say so, too', () => {
  const of = (sagas: number) => markdownOf([phaseOf(arrivals(sagas))], 'unwind-fast');
  expect(of(100)).toContain('| 10.0 / 30.0 |');
  expect(of(24)).toContain('| 10.0 / 30.0 (max of 24) |');
});

test('the table of the README has the ratio of Unwind fast to each contender', () => {
  const contender = (name: string, p50: number, rate: number) => [
    line(name, { p50, rate, way: 'one at a time' }),
    line(name, { p50, rate }),
  ];
  const lines = [
    ...contender('unwind-fast', 30, 50),
    ...contender('dbos', 15, 200),
    ...contender('floor', 2, 2_000),
  ];
  const [first = ''] = markdownOf([phaseOf(lines)], 'unwind-fast').split('\n\n');
  expect(first.split('\n').slice(2)).toEqual([
    '| unwind-fast | 30.0 | 1.00 × | 50.0 | 1.00 × |',
    '| dbos | 15.0 | 2.00 × | 200 | 0.25 × |',
    '| floor | 2.0 | 15.0 × | 2000 | 0.03 × |',
  ]);
});
