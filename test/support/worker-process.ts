import { join } from 'node:path';
import { inject } from 'vitest';
import { freePort } from '../../scripts/stack/ports.ts';
import type { Failpoint } from '../../src/guard/failpoints.ts';
import type { WorkerRole } from '../../src/worker/start-workers.ts';
import { type Program, start } from '../compose/programs.ts';
import { eventually } from '../stack/support.ts';
import { databaseVariables } from './databases.ts';
import { type System, temporalVariables } from './system.ts';

const project = join(import.meta.dirname, '..', '..');

/** With which a process works on a system. */
export const environmentOf = ({ databases, temporal }: Pick<System, 'databases' | 'temporal'>) => ({
  ...databaseVariables(databases),
  ...temporalVariables(temporal),
  WORKFLOW_BUNDLE: inject('workflowBundle'),
  WORKER_METRICS_PORT: '0',
});

interface Options {
  /** All of them unless named. */
  roles?: readonly WorkerRole[];
  failpoints?: readonly Failpoint[];
  env?: Record<string, string>;
  script?: string;
}

/** A worker as a process of its own, which is not started again when it dies. Answers when it works. */
export async function startWorkerProcess(
  system: System,
  { roles = [], failpoints = [], env = {}, script = 'src/worker.ts' }: Options = {},
): Promise<Program> {
  const ports = { CUSTOMER_PORT: '0', MORTGAGE_PORT: '0', LOAN_PORT: '0' };
  const program = start([process.execPath, '--import', 'tsx', script, ...roles], project, {
    ...process.env,
    ...environmentOf(system),
    ...ports,
    FAILPOINTS: JSON.stringify(failpoints),
    ...env,
  });
  const works = () => program.printed().includes('"msg":"working"') || !program.running();
  await eventually(works, 'a worker that works', 120_000);
  if (!program.running()) throw new Error(`the worker has ended:\n${program.printed()}`);
  return program;
}

/** A server with all workers beside it, in one process. `api`: where it is served. */
export async function startServerProcess(
  system: System,
  { env = {}, script = 'src/server.ts', failpoints = [] }: Omit<Options, 'roles'> = {},
): Promise<Program & { api: string }> {
  const port = await freePort();
  const together = { PLACEMENT: 'together', PORT: `${port}`, API_METRICS_PORT: '0' };
  const program = await startWorkerProcess(system, { failpoints, script, env: { ...together, ...env } });
  return { ...program, api: `http://127.0.0.1:${port}` };
}
