import { run } from './run.ts';

const limitMs = 60 * 60_000;

/** Builds a Go program into the folder. */
export async function goInstall(goPackage: string, folder: string): Promise<void> {
  try {
    await run('go', ['install', goPackage], { ...process.env, GOBIN: folder }, limitMs);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`go install ${goPackage}: ${code === 'ENOENT' ? 'there is no go on PATH' : message}`);
  }
}
