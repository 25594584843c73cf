import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { goInstall } from './go-install.ts';
import { type Log, step } from './progress.ts';
import { run } from './run.ts';

export const cliVersion = '1.5.1';
const goPackage = `github.com/temporalio/cli/cmd/temporal@v${cliVersion}`;
const limits = { firstByteMs: 20_000, downloadMs: 10 * 60_000 };

export async function downloadCli(folder: string, log: Log): Promise<string> {
  const script = join(import.meta.dirname, '..', 'lib', 'download-temporal.mjs');
  const aborting = new AbortController();
  // The SDK creates its file when the download begins. Behind a silent firewall it would wait forever.
  const silence = setTimeout(() => readdirSync(folder).length === 0 && aborting.abort(), limits.firstByteMs);
  try {
    await step(log, 'Temporal CLI', 'downloading it from temporal.download', () =>
      run(
        process.execPath,
        [script, folder, `v${cliVersion}`],
        process.env,
        limits.downloadMs,
        aborting.signal,
      ),
    );
  } catch (error) {
    const [reason] = /(dns error|client error|HTTP status)[^\n\]]*/.exec(String(error)) ?? ['no response'];
    log('Temporal CLI: downloads do not work here');
    throw new Error(`download from temporal.download: ${reason}`);
  } finally {
    clearTimeout(silence);
  }
  const file = readdirSync(folder).find((name) => !name.endsWith('.downloading'));
  if (!file) throw new Error('download from temporal.download: no file');
  return join(folder, file);
}

export async function buildCli(folder: string, log: Log): Promise<string> {
  await step(log, 'Temporal CLI', 'building it with go install (once, about five minutes on two cores)', () =>
    goInstall(goPackage, folder),
  );
  return join(folder, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
}
