import { z } from 'zod';

const edge = z.union(
  [z.number(), z.string()],
  'must be a finite number or a decimal string such as "1234.50"',
);

/**
 * Codec: a decimal at the edge (JSON number, or string such as `"1234.50"`) ⇄ the decimal × 10^`places`, a bigint
 * in `range`. Exact: a number is read by its shortest decimal, so 0.1 + 0.2 has 17 decimals. Encodes as the nearest
 * number, which prints as that decimal below 2^53.
 */
export function scaledDecimal(places: 2 | 3, range: z.ZodBigInt) {
  const codec = z.codec(edge, range, {
    decode(value, ctx) {
      const text = Number.isInteger(value) ? BigInt(value).toString() : String(value);
      const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
      const [, sign = '', whole = '', fraction = ''] = match ?? [];
      if (match && fraction.length <= places) return BigInt(sign + whole + fraction.padEnd(places, '0'));
      const message =
        match || typeof value === 'number'
          ? `must have at most ${places === 2 ? 'two' : 'three'} decimals`
          : 'must be a decimal such as "1234.50", without exponent or spaces';
      ctx.issues.push({ code: 'custom', message, input: value });
      return z.NEVER;
    },
    encode: (scaled) => Number(scaled) / 10 ** places,
  });
  return codec.meta(jsonSchema(places, range));
}

/** For answers, which have numbers only: a client that reads them needs no text. */
export function asNumber<S extends z.ZodType>(codec: S): S {
  const { anyOf, ...rest } = codec.meta() ?? {};
  const [number] = z.array(z.record(z.string(), z.unknown())).parse(anyOf);
  return codec.meta({ ...rest, ...number, anyOf: undefined });
}

/** Without `multipleOf`: 2176.03 / 0.01 is no whole number in floating point. Without a lookahead, which RE2 lacks. */
function jsonSchema(places: number, { minValue, maxValue }: z.ZodBigInt) {
  const [minimum, maximum] = [minValue, maxValue].map((bound) => Number(bound ?? 0n) / 10 ** places);
  const digits = String(maximum).length;
  const fraction = `(\\.\\d{1,${places}})?`;
  const fromZero = `\\d{1,${digits}}${fraction}`;
  const aboveZero = `0*[1-9]\\d{0,${digits - 1}}${fraction}|0+\\.0{0,${places - 1}}[1-9]\\d{0,${places - 1}}`;
  return {
    anyOf: [
      { type: 'number', format: 'double', minimum, maximum },
      { type: 'string', pattern: `^(${minValue === 0n ? fromZero : aboveZero})$` },
    ],
  };
}
