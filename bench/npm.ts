import { run } from '../scripts/stack/run.ts';

/** Runs npm in a folder: the npm that runs this process, if one does. Throws its output when it fails. */
export function npm(args: string[], folder: string, limitMs: number): Promise<void> {
  const within = [...args, '--prefix', folder];
  const cli = process.env['npm_execpath'];
  if (cli?.endsWith('npm-cli.js')) return run(process.execPath, [cli, ...within], process.env, limitMs);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', within, process.env, limitMs);
}
