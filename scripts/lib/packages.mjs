import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
// biome-ignore lint/correctness/useImportExtensions: it looks up the file of the types instead
import { identify } from './identify.mjs';

export const project = join(import.meta.dirname ?? '', '..', '..');
const marker = join(project, 'node_modules', '.unwind-lock-hash');
/** Beside node_modules, which npm ci removes first. */
const lock = join(project, '.unwind-installing');
const windows = process.platform === 'win32';

/** Installs the packages of package-lock.json, unless they are installed. */
export function ensurePackages() {
  refuseOldNode();
  const wanted = lockHash();
  if (installedHash() === wanted) return;
  alone(() => {
    if (installedHash() === wanted) return;
    refuseUnderRunningStack();
    install(wanted);
  });
}

function install(wanted) {
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

/** Runs `work` in one process at a time: two npm ci in one folder destroy each other's packages. */
function alone(work) {
  const mine = `${lock}.${process.pid}`;
  const held = [mine];
  const release = () => {
    for (const file of held) rmSync(file, { recursive: true, force: true });
  };
  process.once('exit', release);
  try {
    writeFileSync(mine, JSON.stringify({ pid: process.pid, started: identify(process.pid) }));
  } catch (error) {
    console.error(
      `Packages: they must be installed, and the folder ${project} cannot be written (${error.code}). ` +
        'Make room or make it writable for this user, or run npm start once as a user who may write there.',
    );
    process.exit(1);
  }
  for (let waited = false; !tryLink(mine); waited = true) {
    const owner = livingProcess(lock);
    if (owner === undefined) rmSync(lock, { force: true });
    else if (!waited) console.log(`Packages: waiting until process ${owner} has installed them …`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  held.push(lock);
  work();
  release();
  process.off('exit', release);
}

/** A link, so that the lock never exists without its content. */
function tryLink(file) {
  try {
    linkSync(file, lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

/** Lets this process import TypeScript. */
export async function allowTypeScript() {
  const { register } = await import('tsx/esm/api');
  register();
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 13) || (major === 20 && minor >= 19)) return;
  console.error(
    `Node ${process.versions.node} is too old: install Node 20.19, or 22.13 or newer, from https://nodejs.org.`,
  );
  process.exit(1);
}

/** npm ci first removes the packages, which a running stack still reads. */
function refuseUnderRunningStack() {
  const home = resolve(process.env.UNWIND_HOME || join(project, '.unwind'));
  const owner = livingProcess(join(home, 'stack.json'), ({ supervisor }) => supervisor);
  if (owner === undefined) return;
  console.error(
    `Packages: another version must be installed, and Unwind is running (process ${owner}). Stop it, then try again.`,
  );
  process.exit(1);
}

/** The pid that the file records, if that process still runs. */
function livingProcess(file, find = (content) => content) {
  try {
    const { pid, started } = find(JSON.parse(readFileSync(file, 'utf8')));
    return started && identify(pid) === started ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Does not include the version of Node: the native packages use N-API, which is stable. */
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
