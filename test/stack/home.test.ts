import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { takeHome } from '../../scripts/stack/home.ts';
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
    `Unwind runs already (process ${supervisor.pid} owns ${home})`,
  );
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

test('a folder that cannot be written says what to do', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  await expect(takeHome(join(file, 'home'), ignore)).rejects.toThrow(
    /cannot be written \(ENOTDIR\).*UNWIND_HOME/,
  );
});
