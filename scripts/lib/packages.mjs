import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
// biome-ignore lint/correctness/useImportExtensions: it takes the file of the types for this one
import { identify } from './identify.mjs';

export const project = join(import.meta.dirname ?? '', '..', '..');
const marker = join(project, 'node_modules', '.unwind-lock-hash');
const windows = process.platform === 'win32';

/** Installs what package-lock.json asks for, unless it is there already. */
export function ensurePackages() {
  refuseOldNode();
  const wanted = lockHash();
  if (installedHash() === wanted) return;
  refuseUnderRunningStack();

  console.log('Packages: installing (npm ci), waiting for the npm registry; about half a minute …');
  const since = Date.now();
  rmSync(marker, { force: true });
  const { status, signal, error } = npm(['ci', '--include=dev', '--loglevel=error']);
  if (signal) process.exit(1);
  if (status !== 0) {
    console.error(
      `Packages: npm ci failed (${error?.message ?? `exit code ${status}`}); its own message is above.`,
    );
    console.error(
      'If the registry cannot be reached, name a mirror: npm config set registry <url>. Then try again.',
    );
    process.exit(1);
  }
  writeFileSync(marker, wanted);
  console.log(`Packages: installed in ${((Date.now() - since) / 1000).toFixed(1)} s`);
}

/** Lets this process import TypeScript. */
export async function allowTypeScript() {
  const { register } = await import('tsx/esm/api');
  register();
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 11)) return;
  console.error(
    `Node ${process.versions.node} is too old: install Node 20.11 or newer from https://nodejs.org.`,
  );
  process.exit(1);
}

/** npm ci begins by removing what the processes of a running stack read. */
function refuseUnderRunningStack() {
  const owner = livingOwner();
  if (owner === undefined) return;
  console.error(
    `Packages: those of another version are to be installed, and Unwind runs (process ${owner}): stop it, then try again.`,
  );
  process.exit(1);
}

function livingOwner() {
  try {
    const home = resolve(process.env.UNWIND_HOME || join(project, '.unwind'));
    const { pid, started } = JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8')).supervisor;
    return started && identify(pid) === started ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Without the version of Node: what is native here (N-API) works with each. */
function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(project, 'package-lock.json')))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex');
}

function installedHash() {
  try {
    return readFileSync(marker, 'utf8');
  } catch {
    return undefined;
  }
}

function npm(args) {
  const cli = process.env.npm_execpath;
  const options = { cwd: project, stdio: 'inherit' };
  if (cli?.endsWith('npm-cli.js')) return spawnSync(process.execPath, [cli, ...args], options);
  return spawnSync('npm', args, { ...options, shell: windows });
}
