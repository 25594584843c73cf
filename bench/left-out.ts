import type { Log } from '../scripts/stack/progress.ts';
import { messageOf } from '../src/why-unusable.ts';

/** What could not be measured here, and why. */
export type LeftOut = Record<string, string>;

/** Says at once what the report will say. */
export function leaveOut(leftOut: LeftOut, what: string, error: unknown, log: Log) {
  leftOut[what] = messageOf(error);
  log(`${what}: left out. ${leftOut[what]}`);
}
