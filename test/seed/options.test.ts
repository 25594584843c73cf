import { expect, test } from 'vitest';
import { readOptions } from '../../scripts/seed/options.ts';

test('without options there are 10,000 customers of seed 1, counted back from the first run', () => {
  expect(readOptions([])).toEqual({ help: false, customers: 10_000, seed: 1, today: undefined });
});

test('options are read', () => {
  expect(readOptions(['--customers', '0', '--seed=2', '--today', '2026-01-31'])).toEqual({
    help: false,
    customers: 0,
    seed: 2,
    today: new Date('2026-01-31T00:00:00Z'),
  });
});

test.each(['--help', '-h'])('%s asks for the usage', (help) => {
  expect(readOptions([help]).help).toBe(true);
});

test.each([
  [['--customers', 'many'], /--customers .* "many"/],
  [['--customers', '1.5'], /--customers .* "1.5"/],
  [['--customers=-1'], /--customers .* "-1"/],
  [['--customers', '1000001'], /--customers .* 1000000/],
  [['--seed', ''], /--seed .* ""/],
  [['--today', '2026-02-30'], /--today .* "2026-02-30"/],
  [['--today', 'yesterday'], /--today .* "yesterday"/],
  [['--custmers', '5'], /^Unknown option '--custmers'\n\nUsage: npm run seed/],
  [['500'], /500/],
])('%j is refused, naming it', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
