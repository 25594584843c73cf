import { parse, toSeconds } from 'iso8601-duration';
import { z } from 'zod';

const longest = 10 * 366 * 86_400_000;

/** ISO 8601, as `P14D` or `PT0.5S`; longer than nothing, at most ten years. Months and years count from 1970. */
export const duration = z.iso
  .duration({ error: 'must be an ISO 8601 duration such as P14D or PT30M' })
  .pipe(z.string().refine(isInRange, { error: 'must be longer than nothing and at most ten years' }))
  .meta({
    pattern: '^P([1-9]\\d{0,2}D|T[1-9]\\d{0,3}[HMS])$',
    description: 'ISO 8601: P14D, PT30M, also P1DT12H',
  });

/** Takes what `duration` accepts. */
export const milliseconds = (text: string): number => Math.round(toSeconds(parse(text), new Date(0)) * 1000);

function isInRange(text: string): boolean {
  const ms = milliseconds(text);
  return ms > 0 && ms <= longest;
}
