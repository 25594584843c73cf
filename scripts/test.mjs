import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { allowTypeScript, ensurePackages, project } from './lib/packages.mjs';

const chosenTests = process.argv.slice(2);

ensurePackages();
await allowTypeScript();
process.env.TEMPORAL_CLI_PATH = await temporalCli();
if (chosenTests.length === 0 || chosenTests.some((name) => name.includes('compose'))) await temporalServer();
if (chosenTests.length === 0) {
  run('biome', 'ci', '.');
  run('tsc');
  run('knip');
}
run('vitest', 'run', ...chosenTests);

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

function run(tool, ...args) {
  const name = [tool, ...args].join(' ');
  console.log(`\n── ${name}`);
  const bin = join(project, 'node_modules', '.bin', tool);
  const { status, signal } = spawnSync(bin, args, {
    cwd: project,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  console.error(`\n── ${name} failed (${signal ?? `exit code ${status}`}); what comes after it was not run.`);
  process.exit(status || 1);
}
