import { join } from 'node:path';
import { type Home, removeHome, takeHome } from '../scripts/stack/home.ts';
import { leaveOthersServers } from '../scripts/stack/own-environment.ts';
import { freePort } from '../scripts/stack/ports.ts';
import type { Log } from '../scripts/stack/progress.ts';
import { createSupervisor, type Supervisor } from '../scripts/stack/supervisor.ts';
import { findTemporalCli } from '../scripts/stack/temporal-cli.ts';
import { loadStackConfig } from '../src/config-stack.ts';

export const project = join(import.meta.dirname, '..');

/** Inside the home of `npm start`. Read before this process sets its own UNWIND_HOME. */
let ownHome: string | undefined;

/** The ports of Unwind's processes, except the API's. */
const otherPorts = ['CUSTOMER_PORT', 'MORTGAGE_PORT', 'LOAN_PORT', 'API_METRICS_PORT', 'WORKER_METRICS_PORT'];

/** For a second process on the same machine, which serves only its API. */
export const noOtherPorts = Object.fromEntries(otherPorts.map((name) => [name, '0']));

export interface Place {
  stack: ReturnType<typeof loadStackConfig>;
  home: Home;
  supervisor: Supervisor;
  logFile(name: string): string;
}

/** Downloads or builds Temporal's CLI unless it is there. */
export async function obtainCli(log: Log): Promise<void> {
  const stack = await configure();
  await findTemporalCli({ ...stack, configured: stack.temporalCli, log });
}

/** Takes an own folder and own ports. `leave` stops what was started and removes the folder. */
export async function takePlace(log: Log): Promise<Place & { leave(): Promise<void> }> {
  const stack = await configure();
  const { home: path } = stack;
  await removeHome(path, log);
  const home = await takeHome(path, log);
  const supervisor = createSupervisor({ home, log });
  let left: Promise<void> | undefined;
  const leave = async () => {
    await supervisor.stop();
    await removeHome(path, log);
  };
  return {
    stack,
    home,
    supervisor,
    logFile: (name) => join(path, 'logs', `${name}.log`),
    /** Once: an interrupt may come while it is left. */
    leave() {
      left ??= leave();
      return left;
    },
  };
}

/** Removes the user's settings from the environment, so that they do not affect the measurement. */
async function configure() {
  ownHome ??= join(loadStackConfig({ UNWIND_HOME: process.env['UNWIND_HOME'] }).home, 'bench');
  leaveOthersServers();
  process.env['UNWIND_HOME'] = ownHome;
  const ports = ['PORT', 'POSTGRES_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', ...otherPorts];
  for (const name of ports) process.env[name] = String(await freePort());
  return loadStackConfig();
}
