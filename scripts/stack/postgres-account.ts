import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { placeOutside } from './home.ts';

export type Account = { uid: number; gid: number };

/** The account that runs Postgres, which refuses to run as root. Undefined: the current one. */
export function postgresAccount(dataFolder: string): Account | undefined {
  const owner = statSync(dataFolder, { throwIfNoEntry: false });
  const me = process.getuid?.();
  if (owner && me && owner.uid !== me) {
    throw new Error(
      `The data in ${dataFolder} belongs to another user (uid ${owner.uid}). Run this as that user, or as root.`,
    );
  }
  if (me !== 0) return undefined;
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const account = accountOf('postgres') ?? accountOf('nobody');
  if (account) return account;
  throw new Error(
    'Postgres cannot run as root, and this machine has neither a user postgres nor nobody. ' +
      'Create one (useradd --system postgres), or run this as another user.',
  );
}

/** The home where the account can enter it; otherwise a folder outside. */
export function postgresPlace(home: string, account: Account | undefined): string {
  return !account || canEnter(home, account) ? home : place(placeOutside(home));
}

export function place(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const { uid } = lstatSync(folder);
  if (uid !== process.getuid?.())
    throw new Error(
      `${folder} belongs to another user (uid ${uid}). Remove it, or set UNWIND_HOME to another folder.`,
    );
  // Whatever the umask.
  chmodSync(folder, 0o711);
  return folder;
}

function canEnter(folder: string, account: Account): boolean {
  const entering = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], {
    ...account,
    cwd: '/',
    stdio: 'ignore',
  });
  return entering.status === 0;
}

function accountOf(user: string): Account | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}
