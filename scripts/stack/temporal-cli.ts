import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { messageOf } from '../../src/why-unusable.ts';
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
  if (configured) {
    if (answers(configured)) return configured;
    throw new Error(
      `TEMPORAL_CLI_PATH names ${configured}, which does not answer --version. Correct it, or unset it.`,
    );
  }
  const cached = join(cache, `temporal-${cliVersion}`, executable);
  const folders = path.split(delimiter).filter(Boolean);
  // The one that has made the database of npm start comes before any other.
  const found = [cached, ...folders.map((folder) => join(folder, executable))].find(answers);
  if (found) return found;

  const failures: string[] = [];
  for (const obtain of waysToObtain) {
    try {
      return await obtainInto(cached, obtain, answers, log);
    } catch (error) {
      failures.push(messageOf(error));
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
