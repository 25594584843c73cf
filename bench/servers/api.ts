import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../scripts/stack/processes.ts';
import type { Config } from '../../src/config.ts';
import { buildWorkflowBundle } from '../../src/workflows/bundle.ts';
import { type Place, project } from '../stack.ts';

export type Placement = Config['placement'];

/** Unwind's API and a worker of all roles, a process each or both in one, as `npm start` runs them. */
export async function startApi(place: Place, environment?: ApiEnvironment): Promise<string> {
  const { stack, supervisor, logFile } = place;
  const env = environment ?? (await apiEnvironment(place, 'apart'));
  const files = env.PLACEMENT === 'apart' ? { worker: 'worker.ts', api: 'server.ts' } : { api: 'server.ts' };
  for (const [name, file] of Object.entries(files)) {
    const args = ['--import', 'tsx', join(project, 'src', file)];
    supervisor.start({ name, command: process.execPath, args, cwd: project, env, logFile: logFile(name) });
  }
  const { url } = stack.config;
  const ready = async () => (await ask(`${url}/readiness`))?.ok === true;
  if (await until(ready, 60_000)) return url;
  const end = readFileSync(logFile('api'), 'utf8').slice(-2_000);
  throw new Error(`The API is not ready after a minute. Its log ends:\n${end}`);
}

/** What every process of Unwind on this stack is told. */
export async function apiEnvironment({ stack, home }: Place, PLACEMENT: Placement) {
  const WORKFLOW_BUNDLE = await buildWorkflowBundle(join(home.path, 'api'));
  return { ...stack.forChildren, WORKFLOW_BUNDLE, PLACEMENT };
}

export type ApiEnvironment = Awaited<ReturnType<typeof apiEnvironment>>;

const ask = (url: string) => fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
