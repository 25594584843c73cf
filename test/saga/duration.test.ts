import { expect, test } from 'vitest';
import { duration, milliseconds } from '../../src/saga/duration.ts';

test.each([
  ['P14D', 1_209_600_000],
  ['PT5M', 300_000],
  ['PT0.5S', 500],
  ['P1DT2H', 93_600_000],
  ['P1W', 604_800_000],
])('%s is %i ms', (text, ms) => {
  expect(duration.parse(text)).toBe(text);
  expect(milliseconds(text)).toBe(ms);
});

test.each(['', 'P', 'PT', '5 minutes', 'PT0S', '-PT5M', 'P11Y', 'P99999999999D', '\0'])(
  '%j is no duration for a saga',
  (text) => {
    expect(duration.safeParse(text).success).toBe(false);
  },
);
