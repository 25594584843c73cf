import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { hasErrorCode } from '../../src/guard/error-code.ts';
// biome-ignore lint/correctness/useImportExtensions: it looks up the file of the types instead
import { identify } from '../lib/identify.mjs';

export { identify };

const onProc = existsSync('/proc/self/stat');

export const stopSignals = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGKILL'] as const;
export type StopSignal = (typeof stopSignals)[number];

export type Running = { pid: number; started: string; stopSignal: StopSignal };

export function commandOf(pid: number): string | undefined {
  try {
    return onProc ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') : commandByPs(pid);
  } catch {
    return undefined;
  }
}

export function isSameProcess({ pid, started }: Pick<Running, 'pid' | 'started'>): boolean {
  return Boolean(started) && identify(pid) === started;
}

/** Ends a process, which need not be a child: by its stop signal, then by SIGKILL after the grace period. */
export async function endProcess(running: Running, graceMs: number): Promise<void> {
  const gone = () => !isSameProcess(running);
  if (gone()) return;
  signalTo(running.pid, running.stopSignal);
  if (await until(gone, graceMs)) return;
  signalTo(-running.pid, 'SIGKILL');
  signalTo(running.pid, 'SIGKILL');
  await until(gone, graceMs);
}

export function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasErrorCode(error, ['ESRCH'])) throw error;
  }
}

/** Polls until the condition holds. Returns false when the limit is reached first. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() >= deadline) return false;
    await delay(25);
  }
  return true;
}

function commandByPs(pid: number): string | undefined {
  const asked = ['-o', 'command=', '-p', String(pid)];
  return execFileSync('ps', asked, { encoding: 'utf8', stdio: 'pipe' }).trim() || undefined;
}
