import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Of a group of processes: what they have used of the processors so far, and of memory now. */
export interface Usage {
  cpuSeconds: number;
  megabytes: number;
}

const onLinux = process.platform === 'linux';
const ticksASecond = onLinux ? Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : 0;

/** Undefined where there is no /proc. Children are counted as well, those that have ended too. */
export function usageOf(pid: number): Usage | undefined {
  if (!onLinux) return undefined;
  const family = [pid, ...childrenOf(pid)];
  const each = family.flatMap((member) => usageOfOne(member, member === pid) ?? []);
  const total = (pick: (usage: Usage) => number) => each.reduce((sum, usage) => sum + pick(usage), 0);
  return {
    cpuSeconds: total(({ cpuSeconds }) => cpuSeconds),
    megabytes: total(({ megabytes }) => megabytes),
  };
}

function usageOfOne(pid: number, withEnded: boolean): Usage | undefined {
  try {
    const { cpu } = statOf(pid);
    const ticks = cpu.slice(0, withEnded ? 4 : 2).reduce((sum, each) => sum + each, 0);
    return { cpuSeconds: ticks / ticksASecond, megabytes: megabytesOf(pid) };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

/** Memory that processes share is divided among them, where the system tells; else counted for each. */
function megabytesOf(pid: number): number {
  const [, kilobytes] = /^(?:Pss|VmRSS):\s+(\d+) kB$/m.exec(memoryOf(pid)) ?? [];
  return Number(kilobytes ?? 0) / 1_024;
}

function memoryOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  } catch {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  }
}

function childrenOf(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.map(Number).filter((each) => parentOf(each) === pid);
}

function parentOf(pid: number): number | undefined {
  try {
    return statOf(pid).parent;
  } catch {
    return undefined;
  }
}

/** The name, which may contain anything, stands in brackets before the numbers. */
function statOf(pid: number) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), cpu: fields.slice(11, 15).map(Number) };
}
