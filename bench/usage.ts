import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** The CPU time that a group of processes has used so far, and its memory now. */
export interface Usage {
  cpuSeconds: number;
  megabytes: number;
}

const onLinux = process.platform === 'linux';
const ticksASecond = onLinux ? Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : 0;

/** The sum over processes; undefined where one of them cannot be read, or there is none. */
export function usageOfAll(pids: readonly number[]): Usage | undefined {
  const all = pids.flatMap((pid) => usageOf(pid) ?? []);
  if (all.length === 0 || all.length < pids.length) return undefined;
  return {
    cpuSeconds: sum(all.map(({ cpuSeconds }) => cpuSeconds)),
    megabytes: sum(all.map(({ megabytes }) => megabytes)),
  };
}

/** Includes children, also those that have exited. Undefined where there is no /proc. */
function usageOf(pid: number): Usage | undefined {
  if (!onLinux) return undefined;
  return ifThere(() => {
    const { ticks, family } = ticksOf(pid);
    return { cpuSeconds: ticks / ticksASecond, megabytes: sum(family.map(megabytesOf)) };
  });
}

/** Reads again when a child exits meanwhile, which would be counted twice or not at all. */
function ticksOf(pid: number, tries = 5): { ticks: number; family: number[] } {
  const [before, children] = [statOf(pid), childrenOf(pid)];
  const alive = sum(children.map((child) => ifThere(() => ownTicks(statOf(child).cpu)) ?? 0));
  const after = statOf(pid);
  if (endedTicks(before.cpu) !== endedTicks(after.cpu) && tries > 1) return ticksOf(pid, tries - 1);
  return { ticks: sum(after.cpu) + alive, family: [pid, ...children] };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
/** Of a process and its exited children. */
const ownTicks = (cpu: number[]) => sum(cpu.slice(0, 2));
const endedTicks = (cpu: number[]) => sum(cpu.slice(2, 4));

/** Shared memory is divided among the processes where the system reports it; otherwise it counts for each. */
function megabytesOf(pid: number): number {
  const [, kilobytes] = /^(?:Pss|VmRSS):\s+(\d+) kB$/m.exec(memoryOf(pid)) ?? [];
  return Number(kilobytes ?? 0) / 1_024;
}

function memoryOf(pid: number): string {
  const read = (file: string) => ifThere(() => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
  return read('smaps_rollup') ?? read('status') ?? '';
}

function childrenOf(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.map(Number).filter((each) => ifThere(() => statOf(each).parent) === pid);
}

/** Skips the name, which is in parentheses and may contain anything. */
function statOf(pid: number) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), cpu: fields.slice(11, 15).map(Number) };
}

/** Undefined for a process that has exited. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
