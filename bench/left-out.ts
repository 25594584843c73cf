import type { Log } from '../scripts/stack/progress.ts';

/** What could not be measured here, and why. */
export type LeftOut = Record<string, string>;

export const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Says at once what the report will say. */
export function leaveOut(leftOut: LeftOut, what: string, error: unknown, log: Log) {
  leftOut[what] = reasonOf(error);
  log(`${what}: left out. ${leftOut[what]}`);
}
