import { spawn } from 'node:child_process';

/** Runs a command to its end, and ends it with this process. Throws its error output when it fails. */
export function run(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  timeout: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, timeout, signal, stdio: ['ignore', 'ignore', 'pipe'] });
    const endWithUs = () => child.kill();
    process.once('exit', endWithUs);
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors = `${errors}${chunk}`.slice(-4_000);
    });
    child.once('error', reject);
    child.once('close', (code, by) => {
      process.off('exit', endWithUs);
      if (code === 0) resolve();
      else reject(new Error(`${errors.trim()}\n(ended ${by ? `by ${by}` : `with exit code ${code}`})`));
    });
  });
}
