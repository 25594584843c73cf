import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { removeHome, takeHome } from '../../scripts/stack/home.ts';
import { commandOf, identify } from '../../scripts/stack/processes.ts';
import { eventually, temporaryFolder } from './support.ts';

const ignore = () => {};
const recordOf = (home: string) => JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8'));

async function supervisorElsewhere(home: string) {
  const script = join(import.meta.dirname, 'supervised.ts');
  const supervisor = spawn(process.execPath, ['--import', 'tsx', script, home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void supervisor.kill('SIGKILL'));
  let output = '';
  supervisor.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await eventually(
    () => output.includes('first  | ready') && output.includes('stubborn | ready'),
    'two children',
  );
  return supervisor;
}

test('a home that a living supervisor owns is refused', async () => {
  const home = temporaryFolder();
  const supervisor = await supervisorElsewhere(home);
  await expect(takeHome(home, ignore)).rejects.toThrow(
    `Unwind is already running (process ${supervisor.pid} owns ${home})`,
  );
  writeFileSync(join(home, 'logs', 'api.log'), 'a line');
  await expect(removeHome(home, ignore)).rejects.toThrow('Unwind is already running');
  expect(readdirSync(join(home, 'logs'))).toContain('api.log');
  supervisor.kill('SIGKILL');
  await eventually(() => !identify(supervisor.pid ?? 0), 'its end');
});

test('the children of a killed supervisor are ended by the next one', async () => {
  const home = temporaryFolder();
  const supervisor = await supervisorElsewhere(home);
  const pids: number[] = recordOf(home).children.map((child: { pid: number }) => child.pid);
  expect(pids).toHaveLength(2);
  supervisor.kill('SIGKILL');
  await eventually(() => !identify(supervisor.pid ?? 0), 'its end');
  expect(pids.every((pid) => identify(pid))).toBe(true);

  const lines: string[] = [];
  await takeHome(home, (line) => lines.push(line)).then((taken) => taken.release());
  expect(pids.filter((pid) => identify(pid))).toEqual([]);
  expect(lines.map((line) => line.split(':')[0])).toEqual(['stubborn', 'first']);
});

test.each([
  [
    'who takes',
    (...given: Parameters<typeof takeHome>) => takeHome(...given).then((taken) => taken.release()),
  ],
  ['who removes', removeHome],
])('%s a home whose owner is stopping waits for the end of that process', async (_, begin) => {
  const home = temporaryFolder();
  const owner = spawn('sleep', ['600']);
  onTestFinished(() => void owner.kill('SIGKILL'));
  const { pid = 0 } = owner;
  const supervisor = { pid, started: identify(pid) };
  await takeHome(home, ignore).then((taken) => taken.release());
  writeFileSync(join(home, 'stack.json'), JSON.stringify({ supervisor, children: [], stopping: true }));
  const lines: string[] = [];
  const begun = begin(home, (line) => lines.push(line));
  await eventually(() => lines.length > 0, 'a line that says so');
  expect(lines).toEqual([`Waiting for process ${pid}, which is stopping`]);
  expect(recordOf(home)).toMatchObject({ supervisor });
  owner.kill('SIGKILL');
  await begun;
});

test('a process that merely got the pid of a former child is left alone', async () => {
  const home = temporaryFolder();
  const bystander = spawn('sleep', ['600']);
  onTestFinished(() => void bystander.kill('SIGKILL'));
  const child = {
    name: 'child',
    pid: bystander.pid,
    started: 'tick 1 of another boot',
    stopSignal: 'SIGKILL',
  };
  const record = { supervisor: { pid: bystander.pid, started: 'tick 1 of another boot' }, children: [child] };
  writeFileSync(join(home, 'stack.json'), JSON.stringify(record));

  await takeHome(home, ignore).then((taken) => taken.release());
  expect(commandOf(bystander.pid ?? 0)).toContain('sleep 600');
  expect(existsSync(join(home, 'stack.json'))).toBe(false);
});

/** A record of a dead owner, with a child that lives. */
function killedWithChild(home: string) {
  const child = spawn('sleep', ['600'], { detached: true });
  onTestFinished(() => void child.kill('SIGKILL'));
  const pid = child.pid ?? 0;
  const running = { name: 'child', pid, started: identify(pid), stopSignal: 'SIGTERM' };
  const supervisor = { pid, started: 'tick 1 of another boot' };
  writeFileSync(join(home, 'stack.json'), JSON.stringify({ supervisor, children: [running] }));
  return pid;
}

test('of two that begin at once after a killed one, one owns the home, and the child is ended', async () => {
  const home = temporaryFolder();
  const pid = killedWithChild(home);
  const both = await Promise.allSettled([takeHome(home, ignore), takeHome(home, ignore)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(both).toContainEqual({
    status: 'rejected',
    reason: expect.objectContaining({ message: expect.stringContaining('Unwind is already running') }),
  });
  expect(identify(pid)).toBeUndefined();
  expect(recordOf(home)).toEqual({
    supervisor: { pid: process.pid, started: identify(process.pid) },
    children: [],
  });
  for (const taken of both) if (taken.status === 'fulfilled') taken.value.release();
  expect(existsSync(join(home, 'stack.json'))).toBe(false);
});

test('who begins owns the home before it ends what is left over, and records that too', async () => {
  const home = temporaryFolder();
  const pid = killedWithChild(home);
  const taking = takeHome(home, ignore);
  expect(recordOf(home)).toMatchObject({ supervisor: { pid: process.pid }, children: [{ pid }] });
  await taking.then((taken) => taken.release());
});

test('a record that is not its own any more is not released', async () => {
  const home = temporaryFolder();
  const taken = await takeHome(home, ignore);
  const other = { supervisor: { pid: 1, started: 'tick 1 of another boot' }, children: [] };
  writeFileSync(join(home, 'stack.json'), JSON.stringify(other));
  taken.release();
  expect(recordOf(home)).toEqual(other);
});

test('what Unwind has not made stays when its home is removed, and is named', async () => {
  const home = join(temporaryFolder(), 'data');
  await takeHome(home, ignore).then((taken) => taken.release());
  await takeHome(join(home, 'tests', '42'), ignore).then((taken) => taken.release());
  for (const folder of ['mail', 'temporal', 'postgres', 'theirs']) mkdirSync(join(home, folder));
  for (const file of ['theirs/ledger', 'mail/one.eml', 'workflows.js', 'notes'])
    writeFileSync(join(home, file), '');

  const left = await removeHome(home, ignore);
  expect(left.toSorted()).toEqual([join(home, 'notes'), join(home, 'theirs')]);
  expect(readdirSync(join(home, 'theirs'))).toEqual(['ledger']);
  // It stays a home.
  await takeHome(home, ignore).then((taken) => taken.release());

  for (const name of ['notes', 'theirs']) rmSync(join(home, name), { recursive: true });
  expect(await removeHome(home, ignore)).toEqual([]);
  expect(existsSync(home)).toBe(false);
});

test('a home is not removed while tests run in it', async () => {
  const home = temporaryFolder();
  await takeHome(home, ignore).then((taken) => taken.release());
  writeFileSync(join(home, 'workflows.js'), '');
  const tests = await takeHome(join(home, 'tests', '42'), ignore);
  await expect(removeHome(home, ignore)).rejects.toThrow(
    `Unwind is already running (process ${process.pid} owns ${tests.path})`,
  );
  expect(existsSync(join(home, 'workflows.js'))).toBe(true);
  tests.release();
});

test('a folder with files of others becomes no home, and nothing in it is removed', async () => {
  const folder = temporaryFolder();
  for (const name of ['mail', 'logs', 'bench']) mkdirSync(join(folder, name));
  for (const file of ['mail/inbox', 'logs/theirs.log', 'bench/sizes']) writeFileSync(join(folder, file), '');
  const refusal = new RegExp(`${folder} is not empty.*UNWIND_HOME.*touch '${folder}/\\.unwind-home'$`);
  await expect(takeHome(folder, ignore)).rejects.toThrow(refusal);
  await expect(removeHome(folder, ignore)).rejects.toThrow(refusal);
  const kept = ['bench', 'bench/sizes', 'logs', 'logs/theirs.log', 'mail', 'mail/inbox'];
  expect(readdirSync(folder, { recursive: true }).toSorted()).toEqual(kept);
});

test.each([
  ['an empty folder', ''],
  ['what a start killed at once has left', '.unwind-home'],
  ['a home of an earlier version', 'postgres/PG_VERSION'],
  ['a home of an earlier version on another Postgres', 'temporal/temporal.db'],
  ['a home of an earlier version, all of whose servers were others', 'workflows.js'],
  ['what an earlier version left of a start that failed', 'logs/'],
  ['a folder with homes of tests alone', 'tests/42/.unwind-home'],
])('%s is taken as a home, and is removed whole', async (_, file) => {
  const home = join(temporaryFolder(), 'data');
  const isFolder = file === '' || file.endsWith('/');
  mkdirSync(join(home, isFolder ? file : dirname(file)), { recursive: true });
  if (!isFolder) writeFileSync(join(home, file), '');
  await takeHome(home, ignore).then((taken) => taken.release());
  expect(await removeHome(home, ignore)).toEqual([]);
  expect(existsSync(home)).toBe(false);
});

test('npm run reset refuses arguments, and removes nothing', async () => {
  const home = temporaryFolder();
  await takeHome(home, ignore).then((taken) => taken.release());
  const { status, stderr } = spawnSync(
    process.execPath,
    ['scripts/run.mjs', 'scripts/stack/reset.ts', '--help'],
    {
      cwd: join(import.meta.dirname, '..', '..'),
      env: { ...process.env, UNWIND_HOME: home },
      encoding: 'utf8',
    },
  );
  expect([status, stderr]).toEqual([1, 'npm run reset removes what npm start keeps: it has no options\n']);
  expect(readdirSync(home).toSorted()).toEqual(['.unwind-home', 'logs']);
});

test('a folder that cannot be written says what to do', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  await expect(takeHome(join(file, 'home'), ignore)).rejects.toThrow(
    /cannot be written \(ENOTDIR\).*UNWIND_HOME/,
  );
});
