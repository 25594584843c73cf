import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { serverVersion } from './temporal-cli.ts';

/** Instead of a version, until the first server has responded. */
const unfinished = 'unfinished';

/**
 * Makes the SQLite file of Temporal's dev server ready for the server of this CLI. The dev server creates its tables only
 * where there is no file, each in its own commit, and never migrates them. `keep` is for its first response.
 */
export function prepareHistories(file: string, cli: string, version = serverVersion(cli)) {
  const note = join(dirname(file), 'server-version');
  const write = (text: string) => writeFileSync(note, text, { flush: true });
  const madeBy = existsSync(note) ? readFileSync(note, 'utf8').trim() : '';
  if (madeBy === unfinished) for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    write(unfinished);
  } else if (madeBy !== '' && minor(madeBy) !== minor(version))
    throw new Error(
      `Temporal ${madeBy} made the histories in ${file}, and ${cli} has Temporal ${version}, which does not migrate ` +
        'them. Set TEMPORAL_CLI_PATH to a CLI that has the former (the cache keeps those that were downloaded, in ' +
        '~/.cache/unwind or UNWIND_CACHE), or start over with: npm run reset',
    );
  return { keep: () => write(version) };
}

/** Patch releases share their tables. */
const minor = (version: string) => version.split('.').slice(0, 2).join('.');
