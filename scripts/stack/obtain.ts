import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { identify } from './processes.ts';
import type { Log } from './progress.ts';

/** Puts the executable into a folder. Throws when that does not work here. */
export type Obtain = (folder: string, log: Log) => Promise<string>;

/** Works in a temporary folder and moves the result by one rename, so that no partial result is ever found. */
export async function obtainInto(
  target: string,
  obtain: Obtain,
  answers: (file: string) => boolean,
  log: Log,
): Promise<string> {
  const folder = dirname(target);
  mkdirSync(folder, { recursive: true });
  for (const abandoned of readdirSync(dirname(folder))) {
    const pid =
      abandoned.startsWith(`${basename(folder)}.by-`) && Number(abandoned.split('.by-')[1]?.split('-')[0]);
    if (pid && !identify(pid)) rmSync(join(dirname(folder), abandoned), { recursive: true, force: true });
  }
  const workshop = mkdtempSync(`${folder}.by-${process.pid}-`);
  try {
    const made = await obtain(workshop, log);
    if (!answers(made)) throw new Error(`${made} does not answer --version`);
    renameSync(made, target);
    return target;
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}
