import { parseArgs } from 'node:util';
import { orUsage } from '../cli/or-usage.ts';
import { serviceNames } from '../service-names.ts';

export const usage = `Usage: npm run events [-- --release order/42]

Lists parked events and reactions: their attempts are spent, and they are not retried until they are released.
Before you release one, fix the cause. The error and the log of the relay show it.

  --release  order/42 (event 42 of the order service), reaction/7, or all: retries it, with as many attempts as before`;

export interface Options {
  /** Undefined: only list. */
  release: string | undefined;
}

const releasable = new RegExp(`^(all|(${[...serviceNames, 'reaction'].join('|')})/\\d{1,15})$`);

/** Undefined for --help. Throws an error that names the wrong option. */
export function readOptions(args: string[]): Options | undefined {
  const { values } = orUsage(usage, () =>
    parseArgs({
      args,
      options: { release: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
    }),
  );
  const { release, help } = values;
  if (help) return undefined;
  if (release === undefined || releasable.test(release)) return { release };
  throw new Error(
    `--release must be all, reaction/7, or a service's like order/42, and is ${JSON.stringify(release)}\n\n${usage}`,
  );
}
