import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, step } from '../scripts/stack/progress.ts';
import { messageOf } from '../src/guard/error-code.ts';
import { npm } from './npm.ts';
import { project } from './stack.ts';

export const peersFolder = join(project, 'bench', 'peers');

/** Installs the packages of bench/peers unless they are installed. Returns the reason when that fails. */
export async function installPeers(log: Log, limitMs: number): Promise<string | undefined> {
  if (areInstalled(peersFolder)) return undefined;
  try {
    await step(log, 'Peers', 'installing (npm ci in bench/peers), waiting for the npm registry', () =>
      npmCi(limitMs),
    );
    writeFileSync(markerIn(peersFolder), wantedIn(peersFolder));
    return undefined;
  } catch (error) {
    return `npm ci in bench/peers failed (it had ${limitMs / 60_000} minutes): ${messageOf(error)}`;
  }
}

/** Without install scripts: no peer needs one, and one of them collects telemetry. */
const npmCi = (limitMs: number) =>
  npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], peersFolder, limitMs);

/** Restate's server is an optional dependency: npm succeeds without it when its download fails. */
export function areInstalled(folder: string): boolean {
  if (!existsSync(markerIn(folder)) || readFileSync(markerIn(folder), 'utf8') !== wantedIn(folder))
    return false;
  return !lockIn(folder).includes(`"node_modules/${restatePackage}"`) || existsSync(restateIn(folder));
}

const markerIn = (folder: string) => join(folder, 'node_modules', '.lock-hash');
const lockIn = (folder: string) => readFileSync(join(folder, 'package-lock.json'), 'utf8');
const wantedIn = (folder: string) =>
  createHash('sha256').update(lockIn(folder)).update(`${process.platform}-${process.arch}`).digest('hex');

const restatePackage = `@restatedev/restate-server-${process.platform}-${process.arch}`;
const restateIn = (folder: string) => join(folder, 'node_modules', restatePackage, 'bin', 'restate-server');

/** The binary of the npm package, without its launcher. Throws where there is none for this platform. */
export function findRestate(): string {
  const file = restateIn(peersFolder);
  if (existsSync(file)) return file;
  throw new Error(`the package ${restatePackage} is not installed`);
}
