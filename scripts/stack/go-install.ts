import { hasErrorCode, messageOf } from '../../src/guard/error-code.ts';
import { run } from './run.ts';

const limitMs = 60 * 60_000;

/** Builds a Go program into the folder. */
export async function goInstall(goPackage: string, folder: string): Promise<void> {
  try {
    await run('go', ['install', goPackage], { ...process.env, GOBIN: folder }, limitMs);
  } catch (error) {
    const why = hasErrorCode(error, ['ENOENT']) ? 'there is no go on PATH' : messageOf(error);
    throw new Error(`go install ${goPackage}: ${why}`);
  }
}
