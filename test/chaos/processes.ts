import { join } from 'node:path';
import { onTestFailed } from 'vitest';
import { freePort } from '../../scripts/stack/ports.ts';
import { until } from '../../scripts/stack/processes.ts';
import type { WorkerRole } from '../../src/worker/start-workers.ts';
import { supervise } from '../stack/support.ts';
import type { System } from '../support/system.ts';
import { environmentOf } from '../support/worker-process.ts';

/** A start takes seconds, where other tests run at the same time. */
const patienceMs = 120_000;
const project = join(import.meta.dirname, '..', '..');

/** The API and a worker for each of the named roles, as processes of their own that are started again when they die. */
export async function startProcesses(system: System, workers: Record<string, readonly WorkerRole[]>) {
  const port = await freePort();
  const { supervisor, lines } = await supervise({ longestRestartMs: 200 });
  onTestFailed(() =>
    console.log(
      lines
        .filter((line) => !/"level":[23]0/.test(line))
        .slice(-40)
        .join('\n'),
    ),
  );
  const env = { ...environmentOf(system), PORT: String(port), API_METRICS_PORT: '0' };
  const start = (name: string, ...script: string[]) =>
    supervisor.start({
      name,
      command: process.execPath,
      args: ['--import', 'tsx', ...script],
      cwd: project,
      env,
      stopSignal: 'SIGKILL',
    });
  start('api', 'src/server.ts');
  for (const [name, roles] of Object.entries(workers)) start(name, 'src/worker.ts', ...roles);
  const names = ['api', ...Object.keys(workers)];

  const lastOf = (name: string, pattern: RegExp) =>
    lines.findLastIndex((line) => line.startsWith(name) && pattern.test(line));
  const isUp = (name: string) =>
    lastOf(name, /"msg":"(working|listening)"/) > lastOf(name, / ended .*; restarting it/);
  const untilUp = async (name: string) => {
    if (!(await until(() => isUp(name), patienceMs))) throw new Error(`${name} does not come up`);
  };

  await Promise.all(names.map(untilUp));
  return {
    names,
    url: `http://127.0.0.1:${port}`,
    untilUp,
    /** With SIGKILL. */
    async kill(name: string) {
      const pid = supervisor.pidOf(name);
      if (!pid) throw new Error(`${name} does not run`);
      process.kill(pid, 'SIGKILL');
      await until(() => supervisor.pidOf(name) !== pid, patienceMs);
    },
  };
}
