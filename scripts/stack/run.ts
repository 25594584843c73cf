import { spawn } from 'node:child_process';

/** Runs a command to its end; throws what it said when it fails. Ends it when this process ends. */
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
