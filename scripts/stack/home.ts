import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { endProcess, identify, isSame, type Running } from './processes.ts';

type Recorded = Running & { name: string };
type Ownership = { supervisor: Pick<Running, 'pid' | 'started'>; children: Recorded[] };

export type Home = {
  path: string;
  record(children: Recorded[]): void;
  release(): void;
};

const leftoverGraceMs = 10_000;

/** Makes this process the one owner of the folder, ending what a killed owner left running. */
export async function takeHome(path: string, log: (line: string) => void): Promise<Home> {
  makeFolder(path);
  await endLeftovers(path, log);
  const file = recordFile(path);
  const supervisor = { pid: process.pid, started: identify(process.pid) ?? '' };
  const text = (children: Recorded[]) => `${JSON.stringify({ supervisor, children }, null, 2)}\n`;
  try {
    writeFileSync(file, text([]), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') await endLeftovers(path, log);
    throw error;
  }
  return {
    path,
    record(children) {
      writeFileSync(`${file}.new`, text(children));
      renameSync(`${file}.new`, file);
    },
    release: () => rmSync(file, { force: true }),
  };
}

/** Throws when a living owner is found. */
async function endLeftovers(path: string, log: (line: string) => void): Promise<void> {
  const record = read(recordFile(path));
  if (record && isSame(record.supervisor)) {
    throw new Error(
      `Unwind runs already (process ${record.supervisor.pid} owns ${path}). ` +
        'Stop that one first, or set UNWIND_HOME to another folder.',
    );
  }
  for (const child of record?.children.toReversed() ?? []) {
    if (!isSame(child)) continue;
    log(`${child.name}: ending process ${child.pid}, left over from a run that was killed`);
    await endProcess(child, leftoverGraceMs);
  }
  rmSync(recordFile(path), { force: true });
}

/** Where Postgres goes when its user cannot enter the home itself, which only root meets. (/var/tmp gets tidied up.) */
export function placeOutside(home: string): string {
  return join('/var/lib', `unwind-${createHash('sha256').update(resolve(home)).digest('hex').slice(0, 16)}`);
}

export async function removeHome(path: string, log: (line: string) => void): Promise<void> {
  await endLeftovers(path, log);
  for (const folder of [path, placeOutside(path)]) rmSync(folder, { recursive: true, force: true });
}

const recordFile = (home: string) => join(home, 'stack.json');

function makeFolder(path: string): void {
  try {
    mkdirSync(join(path, 'logs'), { recursive: true });
    writeFileSync(join(path, '.writable'), '');
    rmSync(join(path, '.writable'));
  } catch (error) {
    throw new Error(
      `The folder ${path} cannot be written (${(error as NodeJS.ErrnoException).code}). ` +
        'Make it writable for this user, or set UNWIND_HOME to a folder that is.',
    );
  }
}

function read(file: string): Ownership | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Ownership;
  } catch {
    return undefined;
  }
}
