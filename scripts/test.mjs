import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { allowTypeScript, ensurePackages, project } from './lib/packages.mjs';
import { stopWithNpm } from './lib/stop-with-npm.mjs';

const chosenTests = process.argv.slice(2);

stopWithNpm();
ensurePackages();
await allowTypeScript();
const { leaveOthersServers } = await import('./stack/own-environment.ts');
leaveOthersServers();
process.env.TEMPORAL_CLI_PATH = await temporalCli();
if (chosenTests.length === 0 || chosenTests.some((name) => name.includes('compose'))) await temporalServer();
if (chosenTests.length === 0) await runAtOnce(['biome', 'ci', '.'], ['tsc'], ['knip']);
await run('vitest', 'run', ...chosenTests);

async function temporalCli() {
  const { loadStackConfig } = await import('../src/config-stack.ts');
  const { findTemporalCli } = await import('./stack/temporal-cli.ts');
  try {
    const { cache, path, temporalCli } = loadStackConfig();
    return await findTemporalCli({ configured: temporalCli, path, cache, log: console.log });
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

/** For the compose test alone, which is skipped without it. */
async function temporalServer() {
  const { loadStackConfig } = await import('../src/config-stack.ts');
  const { buildTemporalServer } = await import('./stack/temporal-server-programs.ts');
  try {
    await buildTemporalServer(loadStackConfig().cache, console.log);
  } catch (error) {
    console.log(`Temporal server: not built, so the compose test is skipped. ${error.message}`);
  }
}

/** Prints the output of each when it ends. */
async function runAtOnce(...commands) {
  const env = process.stdout.isTTY ? { ...process.env, FORCE_COLOR: '1' } : process.env;
  const ends = commands.map(async ([tool, ...args]) => {
    const stdio = ['ignore', 'pipe', 'pipe'];
    const child = spawn(pathOf(tool), args, { ...where(), stdio, env });
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => printed.push(bytes));
    const [status, signal] = await once(child, 'close');
    const name = [tool, ...args].join(' ');
    process.stdout.write(`\n── ${name}\n${Buffer.concat(printed)}`);
    return { name, status, signal };
  });
  for (const end of await Promise.all(ends)) exitIfFailed(end);
}

async function run(tool, ...args) {
  const name = [tool, ...args].join(' ');
  console.log(`\n── ${name}`);
  const detached = process.platform !== 'win32';
  const child = spawn(pathOf(tool), args, { ...where(), stdio: 'inherit', detached });
  for (const interruption of ['SIGTERM', 'SIGINT']) process.on(interruption, () => child.kill(interruption));
  const [status, signal] = await once(child, 'close');
  if (detached) endGroup(child.pid);
  exitIfFailed({ name, status, signal });
}

/** When vitest was interrupted: Temporal's SDK keeps its workers from ending, and they keep their Temporal servers. */
function endGroup(leader) {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function exitIfFailed({ name, status, signal }) {
  if (status === 0) return;
  console.error(`\n── ${name} failed (${signal ?? `exit code ${status}`}); what comes after it was not run.`);
  process.exit(status || 1);
}

function pathOf(tool) {
  return join(project, 'node_modules', '.bin', tool);
}

function where() {
  return { cwd: project, shell: process.platform === 'win32' };
}
