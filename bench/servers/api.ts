import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../scripts/stack/processes.ts';
import { buildWorkflowBundle } from '../../src/workflows/bundle.ts';
import { type Place, project } from '../stack.ts';

/** Unwind's API and a worker of all roles, a process each, as `npm start` runs them. */
export async function startApi({ stack, home, supervisor, logFile }: Place): Promise<string> {
  const WORKFLOW_BUNDLE = await buildWorkflowBundle(join(home.path, 'api'));
  const env = { ...stack.forChildren, WORKFLOW_BUNDLE };
  for (const [name, file] of Object.entries({ worker: 'worker.ts', api: 'server.ts' })) {
    const args = ['--import', 'tsx', join(project, 'src', file)];
    supervisor.start({ name, command: process.execPath, args, cwd: project, env, logFile: logFile(name) });
  }
  const { url } = stack.config;
  const ready = async () => (await ask(`${url}/readiness`))?.ok === true;
  if (await until(ready, 60_000)) return url;
  const end = readFileSync(logFile('api'), 'utf8').slice(-2_000);
  throw new Error(`The API is not ready after a minute. Its log ends:\n${end}`);
}

const ask = (url: string) => fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
