import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../src/guard/error-code.ts';

/** Creates the folder of the results. Throws if they could not be written there after the run. */
export function prepareOut(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '.writable'), '');
    rmSync(join(folder, '.writable'));
  } catch (error) {
    throw new Error(
      `--out ${folder} cannot be written (${errorCode(error)}). Name a folder that this user can write, or leave --out out.`,
    );
  }
}
