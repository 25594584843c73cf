import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/stack/ports.ts';
import { until } from '../../scripts/stack/processes.ts';
import { noOtherPorts, project } from '../stack.ts';
import { type Ground, lengthOf, untilWorking } from './ground.ts';

export interface Another {
  pid: number;
  /** Set where it also serves the API. */
  api?: string;
  stop(): Promise<void>;
}

/** A second process that runs workers: a worker when apart, an API when together. */
export async function startAnother(
  { place, placement, environment }: Ground,
  name: string,
): Promise<Another> {
  const port = await freePort();
  const file = placement === 'apart' ? 'worker.ts' : 'server.ts';
  const logFile = place.logFile(name);
  const log = openSync(logFile, 'a');
  const from = lengthOf(logFile);
  const env = { ...process.env, ...environment, ...noOtherPorts, PORT: String(port) };
  const child = fork(join(project, 'src', file), {
    cwd: project,
    env,
    execArgv: ['--import', 'tsx', '--import', join(import.meta.dirname, 'ends-with-parent.mjs')],
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  const exited = once(child, 'exit');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async () => {
    child.kill('SIGTERM');
    const deadline = setTimeout(() => child.kill('SIGKILL'), 15_000);
    if (!hasEnded()) await exited;
    clearTimeout(deadline);
  };
  const api = `http://127.0.0.1:${port}`;
  try {
    await untilWorking(logFile, { from, hasEnded });
    const answers = async () => (await fetch(`${api}/readiness`).catch(() => undefined))?.ok === true;
    if (placement === 'together' && !(await until(answers, 30_000))) throw new Error(`${api} is not ready`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid ?? 0, ...(placement === 'together' && { api }), stop };
}
