import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { buildCli, cliVersion, downloadCli } from './obtain-temporal-cli.ts';
import { identify } from './processes.ts';
import type { Log } from './progress.ts';

const executable = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** Puts the executable into a folder; throws, with the reason, when that does not work here. */
export type Obtain = (folder: string, log: Log) => Promise<string>;

export type CliSearch = {
  configured: string | undefined;
  path: string;
  cache: string;
  log: Log;
  waysToObtain?: Obtain[];
};

export async function findTemporalCli(search: CliSearch): Promise<string> {
  const { configured, path, cache, log, waysToObtain = [downloadCli, buildCli] } = search;
  if (configured) {
    if (answers(configured)) return configured;
    throw new Error(
      `TEMPORAL_CLI_PATH names ${configured}, which does not answer --version. Correct it, or unset it.`,
    );
  }
  const cached = join(cache, `temporal-${cliVersion}`, executable);
  const folders = path.split(delimiter).filter(Boolean);
  const found = [...folders.map((folder) => join(folder, executable)), cached].find(answers);
  if (found) return found;

  const failures: string[] = [];
  for (const obtain of waysToObtain) {
    try {
      return await obtainInto(cached, obtain, log);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    [
      'The Temporal CLI is missing, and it could not be fetched or built. Do one of these, then try again:',
      '  - install it (https://docs.temporal.io/cli), on PATH or named by TEMPORAL_CLI_PATH',
      '  - install Go from https://go.dev/dl: it is then built here, in about five minutes',
      '  - set TEMPORAL_ADDRESS to a Temporal server of yours',
      ...failures.map((failure) => `Tried: ${failure}`),
    ].join('\n'),
  );
}

function answers(file: string): boolean {
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  return status === 0 && stdout.startsWith('temporal version');
}

/** Works in a folder of its own and moves the result in one rename: no half of it is ever found. */
async function obtainInto(target: string, obtain: Obtain, log: Log): Promise<string> {
  const folder = dirname(target);
  mkdirSync(folder, { recursive: true });
  for (const abandoned of readdirSync(dirname(folder))) {
    const pid =
      abandoned.startsWith(`${basename(folder)}.by-`) && Number(abandoned.split('.by-')[1]?.split('-')[0]);
    if (pid && !identify(pid)) rmSync(join(dirname(folder), abandoned), { recursive: true, force: true });
  }
  const workshop = mkdtempSync(`${folder}.by-${process.pid}-`);
  try {
    const made = await obtain(workshop, log);
    if (!answers(made)) throw new Error(`${made} does not answer --version`);
    renameSync(made, target);
    return target;
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}
