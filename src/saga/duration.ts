import { parse } from 'iso8601-duration';
import { z } from 'zod';

const longest = 10 * 366 * 86_400_000;

// Without a lookahead, which RE2 lacks, and never longer than ten years: narrower than what is accepted.
const number = '[1-9]\\d{0,2}';
const date = `([1-5]Y([1-9]M)?(${number}D)?|[1-9]M(${number}D)?|${number}D)`;
const time = `T(${number}H(${number}M)?(${number}S)?|${number}\\d?M(${number}S)?|${number}\\d?S)`;

/** ISO 8601, such as `P14D` or `PT0.5S`; above zero, at most ten years. Months and years count from 1970. */
export const duration = z.iso
  .duration({ error: 'must be an ISO 8601 duration such as P14D or PT30M' })
  .pipe(z.string().refine(isInRange, { error: 'must be longer than nothing and at most ten years' }))
  .meta({
    pattern: `^P([1-9]\\d?W|${date}(${time})?|${time})$`,
    description: 'ISO 8601: P14D, PT30M, also P1DT12H; at most ten years',
  });

/** Converts what `duration` accepts. In UTC, so that workers in any time zone agree. */
export function milliseconds(text: string): number {
  const { years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0 } = parse(text);
  const time = Math.trunc(seconds * 1000 + hours * 3600 * 1000 + minutes * 60 * 1000);
  return Date.UTC(1970 + years, months, 1 + days + weeks * 7) + time;
}

function isInRange(text: string): boolean {
  const ms = milliseconds(text);
  return ms > 0 && ms <= longest;
}
