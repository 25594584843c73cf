import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { messageOf } from '../../src/guard/error-code.ts';
import type { Home } from './home.ts';
import { identify, type StopSignal, signalTo } from './processes.ts';

export type ChildSpec = {
  name: string;
  command: string;
  args: string[];
  /** Added to the environment of this process. */
  env?: Record<string, string>;
  cwd?: string;
  account?: { uid: number; gid: number };
  stopSignal?: StopSignal;
  /** Takes its output instead of the log. */
  logFile?: string;
};

type Child = {
  spec: ChildSpec;
  process?: ChildProcess | undefined;
  started: string;
  deaths: number;
  startedAt: number;
  restart?: NodeJS.Timeout;
  ended: Promise<void>;
};

type Options = {
  home: Home;
  log: (line: string) => void;
  graceMs?: number;
  firstRestartMs?: number;
  longestRestartMs?: number;
};

/** A child that ran this long before it died is restarted without back-off. */
const steadyMs = 10_000;

export type Supervisor = ReturnType<typeof createSupervisor>;

/** Runs named children, and restarts those that die until it is stopped. */
export function createSupervisor(options: Options) {
  const { home, log, graceMs = 15_000, firstRestartMs = 50, longestRestartMs = 10_000 } = options;
  const children: Child[] = [];
  let stopping: Promise<void> | undefined;

  function start(spec: ChildSpec): void {
    if (stopping) throw new Error(`${spec.name} is not started: everything is being stopped`);
    if (spec.logFile) keepOnePrevious(spec.logFile);
    const child = { spec, started: '', deaths: 0, startedAt: 0, ended: Promise.resolve() };
    children.push(child);
    launch(child);
  }

  function launch(child: Child): void {
    const { spec } = child;
    const output = spec.logFile ? openSync(spec.logFile, 'a') : 'pipe';
    // Its own process group: Ctrl-C must reach only the supervisor, which stops the children in order.
    const running = spawn(spec.command, spec.args, {
      ...spec.account,
      cwd: spec.cwd,
      env: { ...process.env, ...spec.env },
      detached: true,
      stdio: ['ignore', output, output],
    });
    if (typeof output === 'number') closeSync(output);
    for (const stream of [running.stdout, running.stderr]) if (stream) prefixLines(stream, spec.name, log);
    child.process = running;
    child.startedAt = Date.now();
    child.started = (running.pid && identify(running.pid)) || '';
    child.ended = new Promise((resolve) => {
      running.once('error', (error) => resolve(ended(child, error.message)));
      running.once('exit', (code, signal) =>
        resolve(ended(child, signal ? `by ${signal}` : `with exit code ${code}`)),
      );
    });
    record();
  }

  function ended(child: Child, how: string): void {
    child.process = undefined;
    if (stopping) return;
    if (Date.now() - child.startedAt > steadyMs) child.deaths = 0;
    const waitMs =
      child.deaths === 0 ? firstRestartMs : Math.min(longestRestartMs, firstRestartMs * 4 ** child.deaths);
    child.deaths += 1;
    log(`${child.spec.name} ended ${how}; restarting it in ${waitMs / 1000} s`);
    record();
    child.restart = setTimeout(() => launch(child), waitMs);
  }

  function record(more: { stopping?: true } = {}): void {
    const alive = children.flatMap(({ spec: { name, stopSignal = 'SIGTERM' }, process, started }) =>
      process?.pid ? [{ name, pid: process.pid, started, stopSignal }] : [],
    );
    try {
      home.record(alive, more);
    } catch (error) {
      // A full disk must not stop the children.
      log(`the running processes cannot be recorded (${messageOf(error)})`);
    }
  }

  async function stopAll(): Promise<void> {
    record({ stopping: true });
    for (const child of children) clearTimeout(child.restart);
    for (const child of children.toReversed()) {
      const pid = child.process?.pid;
      if (!pid) continue;
      signalTo(pid, child.spec.stopSignal ?? 'SIGTERM');
      const killing = setTimeout(() => signalTo(-pid, 'SIGKILL'), graceMs);
      await child.ended;
      clearTimeout(killing);
    }
    home.release();
  }

  function stop(): Promise<void> {
    stopping ??= stopAll();
    return stopping;
  }

  const pidOf = (name: string) => children.find((child) => child.spec.name === name)?.process?.pid;
  return { start, stop, pidOf };
}

function prefixLines(stream: Readable, name: string, log: (line: string) => void): void {
  createInterface({ input: stream }).on('line', (line) => log(`${name.padEnd(6)} | ${line}`));
}

function keepOnePrevious(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  if (existsSync(file)) renameSync(file, file.replace(/(\.log)?$/, '.previous.log'));
}
