import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { withoutAdvice } from '../src/cli/or-usage.ts';

const known = {
  short: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  only: { type: 'string' },
  rounds: { type: 'string' },
  sagas: { type: 'string' },
  out: { type: 'string', default: join(import.meta.dirname, 'results') },
  against: { type: 'string' },
  profile: { type: 'string' },
  growth: { type: 'boolean', default: false },
  placement: { type: 'string' },
} as const;

const explained: Record<keyof typeof known, string> = {
  short: 'within ten minutes: only with fsync, and with fewer contenders on Postgres',
  json: 'also prints the results as one line of JSON',
  only: 'only these contenders, separated by commas',
  rounds: 'the number of rounds',
  sagas: 'the most sagas in a load',
  out: 'the folder for the plot and the results, instead of bench/results',
  profile: 'writes CPU profiles of the contenders to this folder, for Chromium and VS Code',
  against: 'compares this version of Unwind with a commit',
  growth: 'measures Unwind with many waiting sagas, instead of the comparison',
  placement: "with --growth: where the workers run, together (in the API's process, the default) or apart",
};

const list = () =>
  Object.entries(explained)
    .map(([name, what]) => `  --${name.padEnd(9)} ${what}`)
    .join('\n');

/** Throws an error that lists the options or contenders. */
export function readOptions(args: string[], names: readonly string[], compared: readonly string[] = []) {
  const { values } = parse(args);
  const { short, json, out, against, growth } = values;
  refuseWhatDoesNotFit(values);
  if (!out.trim()) throw new Error('--out needs the name of a folder. Without --out it is bench/results.');
  const only = values.only?.split(',').map((name) => name.trim());
  const unknown = only?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length > 0)
    throw new Error(`There is no contender ${unknown.join(', ')}. There are: ${names.join(', ')}`);
  const others = against === undefined ? [] : (only ?? []).filter((name) => !compared.includes(name));
  if (others.length > 0)
    throw new Error(
      `--against runs two versions of Unwind, not ${others.join(', ')}. There are: ${compared.join(', ')}`,
    );
  const rounds = count('rounds', values.rounds, short ? 3 : 5);
  const sagas = count('sagas', values.sagas, growth ? 10_000 : 1_000_000);
  const profile = values.profile && resolve(values.profile);
  const placement = placementOf(values.placement);
  return { short, json, only, out: resolve(out), against, profile, rounds, sagas, growth, placement };
}

/** The options of the comparison do not apply to --growth, and vice versa. */
function refuseWhatDoesNotFit(values: ReturnType<typeof parse>['values']) {
  const ofComparison = ['short', 'only', 'rounds', 'against', 'profile'] as const;
  const [unfit] = values.growth ? ofComparison.filter((name) => values[name]) : [];
  if (unfit) throw new Error(`--growth is a run of its own: leave --${unfit} out`);
  if (values.placement !== undefined && !values.growth) throw new Error('--placement goes with --growth');
}

function placementOf(text = 'together'): 'apart' | 'together' {
  if (text === 'apart' || text === 'together') return text;
  throw new Error(`--placement must be apart or together, not ${text}`);
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: known });
  } catch (error) {
    throw new Error(`${withoutAdvice(error)}. There are:\n${list()}`);
  }
}

function count(name: string, text: string | undefined, fallback: number): number {
  const parsed = z.coerce
    .number()
    .int()
    .min(1)
    .safeParse(text ?? fallback);
  if (parsed.success) return parsed.data;
  throw new Error(`--${name} must be a whole number from 1, not ${text}`);
}
