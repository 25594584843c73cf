import { expect, test } from 'vitest';
import { markdownOf } from '../../bench/report/markdown.ts';
import { tables } from '../../bench/report/table.ts';
import { line } from './lines.ts';

const arrivals = (fewest_sagas: number) => [line('floor', { way: 'arrivals', fewest_sagas })];

test.for([
  [100, '20.0 +30.0'],
  [99, '20.0 +30.0 \\(max of 99\\)'],
  [19, '20.0 \\(max of 19\\) +30.0 \\(max of 19\\)'],
] as const)('of %i sagas a high percentile is shown as what it is', ([sagas, shown]) => {
  expect(tables(arrivals(sagas), 'unwind-fast')).toMatch(new RegExp(`^floor .* ${shown} +–`, 'm'));
});

test('the table of the README says so, too', () => {
  const of = (sagas: number) =>
    markdownOf([
      { durability: 'fsync', servers: [], left_out: {}, arrivals_per_second: 1, lines: arrivals(sagas) },
    ]);
  expect(of(100)).toContain('| 10.0 / 30.0 |');
  expect(of(24)).toContain('| 10.0 / 30.0 (max of 24) |');
});
