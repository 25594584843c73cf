import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createSupervisor } from '../../scripts/stack/supervisor.ts';
import { eventually, shell, supervise, temporaryFolder } from './support.ts';

const waits = 'while :; do sleep 0.05; done';

test('a killed child is started again at once', async () => {
  const { supervisor, lines } = await supervise();
  supervisor.start(shell('child', `echo here; ${waits}`));
  await eventually(() => lines.includes('child  | here'), 'its output, with its name before it');

  const first = supervisor.pidOf('child');
  process.kill(first ?? 0, 'SIGKILL');
  await eventually(() => ![first, undefined].includes(supervisor.pidOf('child')), 'another process');
  expect(lines).toContain('child ended by SIGKILL; restarting it in 0.05 s');
});

test('a child that keeps dying is started again ever more slowly, up to a limit', async () => {
  const { supervisor, lines } = await supervise({ firstRestartMs: 1, longestRestartMs: 50 });
  supervisor.start(shell('child', 'exit 3'));
  await eventually(() => lines.length >= 5, 'five deaths');
  expect(lines.slice(0, 5)).toEqual(
    ['0.001', '0.004', '0.016', '0.05', '0.05'].map(
      (s) => `child ended with exit code 3; restarting it in ${s} s`,
    ),
  );
});

test('a command that does not exist is reported like a death', async () => {
  const { supervisor, lines } = await supervise();
  supervisor.start({ name: 'child', command: '/nowhere/at/all', args: [] });
  await eventually(() => lines.length > 0, 'a line');
  expect(lines[0]).toBe('child ended spawn /nowhere/at/all ENOENT; restarting it in 0.05 s');
});

test('a record that cannot be written, as on a full disk, is reported, and the children go on', async () => {
  const lines: string[] = [];
  const full = () => {
    throw new Error('ENOSPC: no space left on device');
  };
  const home = { path: temporaryFolder(), record: full, release: () => {} };
  const supervisor = createSupervisor({ home, log: (line) => lines.push(line) });
  onTestFinished(() => supervisor.stop());
  supervisor.start(shell('child', waits));
  const first = supervisor.pidOf('child');
  process.kill(first ?? 0, 'SIGKILL');
  await eventually(() => ![first, undefined].includes(supervisor.pidOf('child')), 'another process');
  expect(lines).toContain('the running processes cannot be recorded (ENOSPC: no space left on device)');
});

test('stopping is recorded, and ends every child once, the last started first', async () => {
  const { supervisor, home, lines } = await supervise();
  const ended = join(home.path, 'ended');
  for (const name of ['one', 'two', 'three']) {
    supervisor.start(shell(name, `trap 'echo ${name} >> ${ended}; exit 0' TERM; echo ready; ${waits}`));
  }
  await eventually(() => lines.length === 3, 'three that are ready');

  const stopped = Promise.all([supervisor.stop(), supervisor.stop()]);
  const record = JSON.parse(readFileSync(join(home.path, 'stack.json'), 'utf8'));
  expect(record).toMatchObject({
    stopping: true,
    children: [{ name: 'one' }, { name: 'two' }, { name: 'three' }],
  });
  await stopped;
  expect(readFileSync(ended, 'utf8')).toBe('three\ntwo\none\n');
  expect(() => supervisor.start(shell('four', waits))).toThrow('everything is being stopped');
});

test('a child that ignores its stop signal is killed after the grace', async () => {
  const { supervisor, lines } = await supervise({ graceMs: 100 });
  supervisor.start(shell('child', `trap '' TERM; echo ready; ${waits}`));
  await eventually(() => lines.length === 1, 'a ready child');

  await supervisor.stop();
  expect(supervisor.pidOf('child')).toBeUndefined();
});

test('a child with a log file writes there, and the log of the last start is kept', async () => {
  const { supervisor, home, lines } = await supervise({ firstRestartMs: 1 });
  const logFile = join(home.path, 'logs', 'child.log');
  supervisor.start({ ...shell('child', `echo first; ${waits}`), logFile });
  await eventually(() => readFileSync(logFile, 'utf8') === 'first\n', 'the line in the file');
  supervisor.start({ ...shell('next', `echo second; ${waits}`), logFile });
  await eventually(() => readFileSync(logFile, 'utf8') === 'second\n', 'the new line in the file');
  expect(readFileSync(join(home.path, 'logs', 'child.previous.log'), 'utf8')).toBe('first\n');
  expect(lines).toEqual([]);
});
