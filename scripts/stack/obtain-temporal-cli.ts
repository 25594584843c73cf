import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, step } from './progress.ts';

export const cliVersion = '1.5.1';
const goPackage = `github.com/temporalio/cli/cmd/temporal@v${cliVersion}`;
const limits = { firstByteMs: 20_000, downloadMs: 10 * 60_000, buildMs: 60 * 60_000 };

export async function downloadCli(folder: string, log: Log): Promise<string> {
  const script = join(import.meta.dirname, '..', 'lib', 'download-temporal.mjs');
  const aborting = new AbortController();
  // The SDK creates its file when the server begins to answer; a silent firewall would hold it for ever.
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
    const [reason] = /(dns error|client error|HTTP status)[^\n\]]*/.exec(String(error)) ?? ['no answer'];
    log('Temporal CLI: downloads do not work here');
    throw new Error(`download from temporal.download: ${reason}`);
  } finally {
    clearTimeout(silence);
  }
  const file = readdirSync(folder).find((name) => !name.endsWith('.downloading'));
  if (!file) throw new Error('download from temporal.download: it brought nothing');
  return join(folder, file);
}

export async function buildCli(folder: string, log: Log): Promise<string> {
  try {
    await step(
      log,
      'Temporal CLI',
      'building it with go install (once, about five minutes on two cores)',
      () => run('go', ['install', goPackage], { ...process.env, GOBIN: folder }, limits.buildMs),
    );
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`go install ${goPackage}: ${code === 'ENOENT' ? 'there is no go on PATH' : message}`);
  }
  return join(folder, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
}

function run(command: string, args: string[], env: NodeJS.ProcessEnv, timeout: number, signal?: AbortSignal) {
  return new Promise<void>((resolve, reject) => {
    const child = spawn(command, args, { env, timeout, signal, stdio: ['ignore', 'ignore', 'pipe'] });
    const endWithUs = () => child.kill();
    process.once('exit', endWithUs);
    let said = '';
    child.stderr.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-4_000);
    });
    child.once('error', reject);
    child.once('close', (code, by) => {
      process.off('exit', endWithUs);
      if (code === 0) resolve();
      else reject(new Error(`${said.trim()}\n(ended ${by ? `by ${by}` : `with exit code ${code}`})`));
    });
  });
}
