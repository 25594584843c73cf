import type { Log } from '../scripts/stack/progress.ts';
import { messageOf } from '../src/guard/error-code.ts';

/** What could not be measured, with the reason. */
export type LeftOut = Record<string, string>;

export const noTime = 'A short run had no time for it.';

/** Records it for the report, and logs it. */
export function leaveOut(leftOut: LeftOut, what: string, error: unknown, log: Log) {
  leftOut[what] = messageOf(error);
  log(`${what}: left out. ${leftOut[what]}`);
}
