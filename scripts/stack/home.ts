import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { errorCode, hasErrorCode } from '../../src/guard/error-code.ts';
import { endProcess, identify, isSameProcess, stopSignals, until } from './processes.ts';

const owner = z.object({ pid: z.number(), started: z.string() });
const ownership = z.object({
  supervisor: owner,
  children: z.array(owner.extend({ name: z.string(), stopSignal: z.enum(stopSignals) })),
  /** The owner is ending them. */
  stopping: z.boolean().optional(),
});
type Ownership = z.infer<typeof ownership>;
type Recorded = Ownership['children'][number];

export type Home = {
  path: string;
  record(children: Recorded[], more?: Pick<Ownership, 'stopping'>): void;
  release(): void;
};

const leftoverGraceMs = 10_000;

/** Longer than a supervisor gives its children. */
const stoppingLimitMs = 60_000;

/**
 * Makes this process the only owner of the folder, and ends processes that a killed owner left running. Waits for an owner
 * that is stopping.
 */
export async function takeHome(path: string, log: (line: string) => void): Promise<Home> {
  makeFolder(path);
  const file = recordFile(path);
  const supervisor = { pid: process.pid, started: identify(process.pid) ?? '' };
  const record: Home['record'] = (children, more) => {
    writeFileSync(`${file}.new`, `${JSON.stringify({ supervisor, children, ...more }, null, 2)}\n`);
    renameSync(`${file}.new`, file);
  };
  if (isStopping(file)) await untilStopped(file, log);
  const leftovers = alone(file, () => {
    const former = read(file);
    refuseLiving(former, path);
    // If this process is killed, the next owner finds them in the record and ends them.
    record(former?.children ?? []);
    return former?.children ?? [];
  });
  for (const child of leftovers.toReversed()) {
    if (!isSameProcess(child)) continue;
    log(`${child.name}: ending process ${child.pid}, left over from a run that was killed`);
    await endProcess(child, leftoverGraceMs);
  }
  record([]);
  const release = () => {
    if (isDeepStrictEqual(read(file)?.supervisor, supervisor)) rmSync(file);
  };
  return { path, record, release };
}

/** Takes a lock, because several processes may start at once. */
function alone<T>(file: string, decide: () => T): T {
  const lock = `${file}.lock`;
  try {
    writeFileSync(lock, '', { flag: 'wx' });
  } catch (error) {
    if (!hasErrorCode(error, ['EEXIST'])) throw error;
    throw new Error(`Another process is starting Unwind. If there is none, remove ${lock}.`);
  }
  try {
    return decide();
  } finally {
    rmSync(lock);
  }
}

function isStopping(file: string): boolean {
  const record = read(file);
  return record?.stopping === true && isSameProcess(record.supervisor);
}

async function untilStopped(file: string, log: (line: string) => void): Promise<void> {
  log(`Waiting for process ${read(file)?.supervisor.pid}, which is stopping`);
  await until(() => !isStopping(file), stoppingLimitMs);
}

function refuseLiving(record: Ownership | undefined, path: string): void {
  if (!record || !isSameProcess(record.supervisor)) return;
  throw new Error(
    `Unwind is already running (process ${record.supervisor.pid} owns ${path}). ` +
      'Stop that one first, or set UNWIND_HOME to another folder.',
  );
}

/** The place of Postgres when its user cannot enter the home, which happens only to root. (/var/tmp gets cleaned.) */
export function placeOutside(home: string): string {
  return join('/var/lib', `unwind-${createHash('sha256').update(resolve(home)).digest('hex').slice(0, 16)}`);
}

/** What npm start, tests and benchmark create in a home. */
const made =
  /^(stack\.json.*|logs|mail|postgres|postgres\.half-.*|postgres\.password|postgresql-.*|temporal|temporal-on-postgres|restate|api|bundles|bundles-old|workflows\.js(\.new)?|\.writable)$/;

/** The file that makes a folder a home. */
const marker = '.unwind-home';

/** Earlier versions made no marker. */
export const isHome = (path: string) =>
  [marker, 'stack.json', 'workflows.js', 'postgres/PG_VERSION', 'temporal/temporal.db'].some((name) =>
    existsSync(join(path, name)),
  );

/** Tests and benchmark may have had their homes there before. */
function refuseForeign(path: string): void {
  const isNothing = (name: string) =>
    name === 'tests' || name === 'bench' || (name === 'logs' && namesIn(join(path, name)).length === 0);
  if (isHome(path) || namesIn(path).every(isNothing)) return;
  throw new Error(
    `The folder ${path} is not empty, and nothing shows that Unwind made it. Set UNWIND_HOME to a new folder. ` +
      `If it is Unwind's, say so: touch '${join(path, marker)}'`,
  );
}

/**
 * Removes what Unwind has created there, and the folder if it is empty then. Returns what is left. Throws if it is not
 * Unwind's.
 */
export async function removeHome(path: string, log: (line: string) => void): Promise<string[]> {
  const outside = placeOutside(path);
  if (!existsSync(path)) {
    rmSync(outside, { recursive: true, force: true });
    return [];
  }
  refuseForeign(path);
  const tests = join(path, 'tests');
  const runs = namesIn(tests).filter((name) => /^\d+$/.test(name));
  const within = [join(path, 'bench'), ...runs.map((name) => join(tests, name))];
  const homes = within.filter(isHome);
  for (const home of [...homes, path]) {
    const file = recordFile(home);
    if (isStopping(file)) await untilStopped(file, log);
    refuseLiving(read(file), home);
  }
  // First, because taking the home writes a file, and logs may have filled the disk.
  rmSync(join(path, 'logs'), { recursive: true, force: true });
  const { release } = await takeHome(path, log);
  for (const home of homes) await removeHome(home, log);
  release();
  for (const name of namesIn(path).filter((name) => made.test(name)))
    rmSync(join(path, name), { recursive: true, force: true });
  rmSync(outside, { recursive: true, force: true });
  if (existsSync(tests) && namesIn(tests).length === 0) rmdirSync(tests);
  const left = namesIn(path).filter((name) => name !== marker);
  if (left.length === 0) {
    rmSync(join(path, marker));
    rmdirSync(path);
  }
  return left.map((name) => join(path, name));
}

const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);

const recordFile = (home: string) => join(home, 'stack.json');

function makeFolder(path: string): void {
  orSayWhere(path, () => mkdirSync(path, { recursive: true }));
  refuseForeign(path);
  orSayWhere(path, () => {
    for (const name of [marker, '.writable']) writeFileSync(join(path, name), '');
    rmSync(join(path, '.writable'));
    mkdirSync(join(path, 'logs'), { recursive: true });
  });
}

function orSayWhere(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new Error(
      `The folder ${path} cannot be written (${errorCode(error)}). ` +
        'Make it writable for this user, or set UNWIND_HOME to a folder that is.',
    );
  }
}

function read(file: string): Ownership | undefined {
  try {
    return ownership.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
