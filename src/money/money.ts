import { z } from 'zod';
import { scaledDecimal } from './decimal.ts';

/** Cents. */
export const maxMoney = 100_000_000_000_000n;

const cents = z.bigint().max(maxMoney, 'must be at most 1000000000000.00');

/** An amount from 0 to 10^12: `2176.03` or `"500000.00"` at the edge ⇄ bigint cents; encodes as a number. */
export const money = scaledDecimal(2, cents.min(0n, 'must not be negative'));

/** `money` above 0. */
export const positiveMoney = scaledDecimal(2, cents.min(1n, 'must be more than 0'));

/** For answers: whole units of any size and sign. */
export const wholeUnits = z.number().meta({ format: 'double' });

/** Cents, of either sign, as a number of whole units: `217603n` → `2176.03`. */
export function centsToNumber(cents: bigint): number {
  return Number(cents) / 100;
}

/** Cents with exactly two decimals: `217603n` → `"2176.03"`, `-105n` → `"-1.05"`. */
export function formatCents(cents: bigint): string {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
