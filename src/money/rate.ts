import { z } from 'zod';
import { scaledDecimal } from './decimal.ts';

const thousandths = z.bigint().min(0n, 'must not be negative').max(100_000n, 'must be at most 100 percent');

const percent = scaledDecimal(3, thousandths);

/** A yearly rate, 0 to 100 %: `6.875` or `"6.875"` at the edge ⇄ `6875` (1/1000 %); encodes as a number. */
export const ratePercent = percent
  .pipe(z.codec(z.bigint(), z.int(), { decode: Number, encode: BigInt }))
  .meta(percent.meta() ?? {});
