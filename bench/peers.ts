import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, step } from '../scripts/stack/progress.ts';
import { messageOf } from '../src/cli/why-unusable.ts';
import { npm } from './npm.ts';
import { project } from './stack.ts';

export const peersFolder = join(project, 'bench', 'peers');
const marker = join(peersFolder, 'node_modules', '.lock-hash');

/** Installs the packages of bench/peers unless they are installed. Returns the reason when that fails. */
export async function installPeers(log: Log, limitMs: number): Promise<string | undefined> {
  const wanted = createHash('sha256')
    .update(readFileSync(join(peersFolder, 'package-lock.json')))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex');
  if (installed() === wanted) return undefined;
  try {
    await step(log, 'Peers', 'installing (npm ci in bench/peers), waiting for the npm registry', () =>
      npmCi(limitMs),
    );
    writeFileSync(marker, wanted);
    return undefined;
  } catch (error) {
    return `npm ci in bench/peers failed (it had ${limitMs / 60_000} minutes): ${messageOf(error)}`;
  }
}

/** Without install scripts: no peer needs one, and one of them collects telemetry. */
const npmCi = (limitMs: number) =>
  npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], peersFolder, limitMs);

function installed(): string | undefined {
  try {
    return readFileSync(marker, 'utf8');
  } catch {
    return undefined;
  }
}
