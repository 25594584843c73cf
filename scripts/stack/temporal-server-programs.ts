import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { goInstall } from './go-install.ts';
import { obtainInto } from './obtain.ts';
import { type Log, step } from './progress.ts';

/** The production Temporal server, on Postgres, instead of the CLI's development server. */
export const builtVersion = '1.29.1';

const suffix = process.platform === 'win32' ? '.exe' : '';
const programs = {
  'temporal-server': 'cmd/server',
  'temporal-sql-tool': 'cmd/tools/sql',
};

/** The folder of its programs, if they have been built. */
export function findTemporalServer(cache: string): string | undefined {
  return Object.keys(programs).every((name) => answers(fileOf(cache, name))) ? folderOf(cache) : undefined;
}

/** Builds its missing programs with Go. Throws when that does not work here. */
export async function buildTemporalServer(cache: string, log: Log): Promise<void> {
  for (const [name, path] of Object.entries(programs)) {
    const target = fileOf(cache, name);
    if (answers(target)) continue;
    const build = async (folder: string) => {
      await goInstall(`go.temporal.io/server/${path}@v${builtVersion}`, folder);
      return join(folder, `${path.split('/').pop()}${suffix}`);
    };
    await step(log, name, `building ${builtVersion} with go install (once, some minutes on two cores)`, () =>
      obtainInto(target, build, answers, log),
    );
  }
}

const folderOf = (cache: string) => join(cache, `temporal-server-${builtVersion}`);
const fileOf = (cache: string, name: string) => join(folderOf(cache), `${name}${suffix}`);

function answers(file: string): boolean {
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  return status === 0 && stdout.includes(builtVersion);
}
