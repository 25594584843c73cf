import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { delimiter, dirname, join, resolve, sep } from 'node:path';
import { messageOf } from '../../src/guard/error-code.ts';
import { isTooOld, leastTemporal } from '../../src/migrate/temporal-version.ts';
import { type Obtain, obtainInto } from './obtain.ts';
import { buildCli, cliVersion, downloadCli } from './obtain-temporal-cli.ts';
import type { Log } from './progress.ts';

const executable = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

export type CliSearch = {
  configured: string | undefined;
  path: string;
  cache: string;
  log: Log;
  waysToObtain?: Obtain[];
};

export async function findTemporalCli(search: CliSearch): Promise<string> {
  const { configured, path, cache, log, waysToObtain = [downloadCli, buildCli] } = search;
  if (configured) return checked(configured.includes(sep) ? resolve(configured) : configured);
  const cached = join(cache, `temporal-${cliVersion}`, executable);
  // First, so that a CLI which is installed later does not open the histories that this one made.
  if (works(cached)) return cached;
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const file = resolve(folder, executable);
    const version = versionOf(file);
    if (version === undefined) continue;
    if (isRecent(version)) return file;
    log(`Temporal CLI: ${file} is too old (${version}), and is not used`);
  }

  makeFolder(dirname(cached));
  const failures: string[] = [];
  for (const obtain of waysToObtain) {
    try {
      return await obtainInto(cached, obtain, works, log);
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  throw new Error(
    [
      'The Temporal CLI is missing, and it could not be downloaded or built. Do one of these, then try again:',
      '  - install it (https://docs.temporal.io/cli), on PATH or named by TEMPORAL_CLI_PATH',
      '  - install Go from https://go.dev/dl: it is then built here, in about five minutes',
      '  - set TEMPORAL_ADDRESS to a Temporal server of yours',
      ...failures.map((failure) => `Tried: ${failure}`),
    ].join('\n'),
  );
}

function checked(configured: string): string {
  const version = versionOf(configured);
  if (version === undefined)
    throw new Error(
      `TEMPORAL_CLI_PATH names ${configured}, which does not answer --version. Correct it, or unset it.`,
    );
  if (!isRecent(version))
    throw new Error(
      `TEMPORAL_CLI_PATH names ${configured}, which is too old (${version}): Unwind needs ` +
        `a Temporal server of ${leastTemporal} or newer. Update it, or unset TEMPORAL_CLI_PATH.`,
    );
  return configured;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(dirname(folder), constants.W_OK);
  } catch (error) {
    throw new Error(
      `The folder ${folder} cannot be written (${messageOf(error)}). ` +
        'Make it writable for this user, or set UNWIND_CACHE to a folder that is.',
    );
  }
}

const serverPattern = /server (\d+\.\d+\.\d+)/i;

/** Such as: temporal version 1.5.1 (Server 1.29.1, UI 2.42.1). Undefined when it does not run. */
function versionOf(file: string): string | undefined {
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  return status === 0 && stdout.startsWith('temporal version') ? stdout.trim() : undefined;
}

/** Of the server in a CLI that was found, such as 1.29.1. */
export function serverVersion(cli: string): string {
  const version = versionOf(cli);
  const [, server] = serverPattern.exec(version ?? '') ?? [];
  if (server === undefined) throw new Error(`${cli} does not say the version of its server, but: ${version}`);
  return server;
}

const works = (file: string) => versionOf(file) !== undefined;

function isRecent(version: string): boolean {
  const [, server] = serverPattern.exec(version) ?? [];
  return server !== undefined && !isTooOld(server);
}
