import { parseArgs } from 'node:util';
import { orUsage } from '../../src/cli/or-usage.ts';

const digits = /^\d{1,7}$/;
const day = /^\d{4}-\d{2}-\d{2}$/;

export const usage = `Usage: npm run seed -- [--customers 10000] [--seed 1] [--today 2026-01-31]

  --customers  the number of customers, 0 to 1000000
  --seed       selects the customers; a repeated run with the same number adds what is missing
  --today      the day from which dates are counted back; by default the day on which this seed was first used`;

/** Throws an error that names the option. */
export function readOptions(args: string[]) {
  const { values } = orUsage(usage, () =>
    parseArgs({
      args,
      options: {
        customers: { type: 'string', default: '10000' },
        seed: { type: 'string', default: '1' },
        today: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }),
  );
  return {
    help: values.help,
    customers: wholeNumber('customers', values.customers, 1_000_000),
    seed: wholeNumber('seed', values.seed, 9_999_999),
    today: values.today === undefined ? undefined : midnight(values.today),
  };
}

function wholeNumber(name: string, text: string, most: number): number {
  const value = digits.test(text) ? Number(text) : Number.NaN;
  if (value <= most) return value;
  throw new Error(`--${name} must be a whole number from 0 to ${most}, and is ${JSON.stringify(text)}`);
}

function midnight(text: string): Date {
  const date = new Date(`${text}T00:00:00Z`);
  // 2026-02-30 becomes a day in March.
  if (day.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)) return date;
  throw new Error(`--today must be a day such as 2026-01-31, and is ${JSON.stringify(text)}`);
}
