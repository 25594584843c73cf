import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { removeHome, takeHome } from '../scripts/stack/home.ts';
import { leaveOthersServers } from '../scripts/stack/own-environment.ts';
import { freePort } from '../scripts/stack/ports.ts';
import { postgresChild, postgresReady, prepareCluster } from '../scripts/stack/postgres.ts';
import { createSupervisor, type Supervisor } from '../scripts/stack/supervisor.ts';
import { findTemporalCli } from '../scripts/stack/temporal-cli.ts';
import { embeddedDatabaseUrl } from '../src/config.ts';
import { loadStackConfig } from '../src/config-stack.ts';
import { prepareDatabases } from '../src/migrate/prepare-databases.ts';
import { databaseNames } from '../src/service-names.ts';
import { buildWorkflowBundle } from '../src/workflows/bundle.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A Postgres server without a database name. */
    databaseUrl: string;
    temporalCli: string;
    /** The path of the prebuilt workflows. */
    workflowBundle: string;
    /** A folder for the bundles of other workflows. */
    workflowBundles: string;
  }
}

const homes = join(import.meta.dirname, '..', '.unwind', 'tests');
const log = (line: string) => console.log(line);

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  leaveOthersServers();
  const { cache, path, temporalCli } = loadStackConfig();
  const cli = await findTemporalCli({ configured: temporalCli, path, cache, log });
  await removeAbandonedHomes();
  const home = await takeHome(join(homes, String(process.pid)), log);
  const supervisor = createSupervisor({ home, log });
  // At Ctrl-C vitest ends without the teardown. There is still time to send Postgres its signal.
  process.once('exit', () => void supervisor.stop());
  const teardown = async () => {
    await supervisor.stop();
    await removeHome(home.path, log);
  };
  const workflowBundles = join(home.path, 'bundles');
  mkdirSync(workflowBundles, { recursive: true });
  try {
    const [databaseUrl, workflowBundle] = await Promise.all([
      startPostgres(supervisor, home.path),
      buildWorkflowBundle(home.path),
    ]);
    project.provide('databaseUrl', databaseUrl);
    project.provide('workflowBundle', workflowBundle);
    project.provide('workflowBundles', workflowBundles);
    project.provide('temporalCli', cli);
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}

async function startPostgres(supervisor: Supervisor, home: string): Promise<string> {
  const port = await freePort();
  const logFile = join(home, 'logs', 'postgres.log');
  supervisor.start(postgresChild(await prepareCluster(home, { fast: true }), port, logFile));
  await postgresReady(port, logFile);
  const url = embeddedDatabaseUrl(port);
  const templates = databaseNames.map((name) => [name, `${url}/template_${name}`]);
  await prepareDatabases(Object.fromEntries(templates), () => {});
  return url;
}

/** Runs that were killed leave their servers behind; a living one refuses to be removed. */
async function removeAbandonedHomes(): Promise<void> {
  mkdirSync(homes, { recursive: true });
  for (const name of readdirSync(homes)) await removeHome(join(homes, name), log).catch(() => {});
}
