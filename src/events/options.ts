import { parseArgs } from 'node:util';
import { serviceNames } from '../config.ts';

export const usage = `Usage: npm run events [-- --release order/42]

Lists the events and the reactions to events that are parked: tried often enough, and not tried again until they are
released. Mend first what is wrong, as the error and the log of the relay say.

  --release  order/42 (the event 42 of the order service), reaction/7, or all: tries it again, as often as before`;

/** What is to be released; undefined: it is only to be listed. */
export interface Options {
  release: string | undefined;
}

const releasable = new RegExp(`^(all|(${[...serviceNames, 'reaction'].join('|')})/\\d{1,15})$`);

/** Undefined where help is asked for. Throws an error that names the option. */
export function readOptions(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: { release: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  const { release, help } = values;
  if (help) return undefined;
  if (release === undefined || releasable.test(release)) return { release };
  throw new Error(
    `--release must be all, reaction/7, or a service's like order/42, and is ${JSON.stringify(release)}\n\n${usage}`,
  );
}
