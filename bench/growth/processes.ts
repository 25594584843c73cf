import type { Place } from '../stack.ts';
import { type Usage, usageOfAll } from '../usage.ts';

const names = ['worker', 'api', 'temporal', 'postgres'] as const;

/** Undefined where there is no such process, or the system does not report it. */
export type PerProcess<T> = Partial<Record<(typeof names)[number], T>>;

/** `more`: processes that the supervisor does not know, added to the one that runs the workers. */
export function usages({ supervisor }: Place, more: readonly number[] = []): PerProcess<Usage> {
  const working = supervisor.pidOf('worker') === undefined ? 'api' : 'worker';
  const each = names.flatMap((name) => {
    const pid = supervisor.pidOf(name);
    if (pid === undefined) return [];
    const usage = usageOfAll([pid, ...(name === working ? more : [])]);
    return usage ? [[name, usage] as const] : [];
  });
  return Object.fromEntries(each);
}

/** CPU milliseconds per saga. */
export const cpuMs = (before: PerProcess<Usage>, after: PerProcess<Usage>, among: number) =>
  compare(before, after, (from, to) => ((to.cpuSeconds - from.cpuSeconds) * 1_000) / among);

export interface Memory {
  before_mb: number;
  after_mb: number;
  kb_per_saga: number;
}

/** Resident memory. Shared pages are divided among the processes. */
export const memory = (
  before: PerProcess<Usage>,
  after: PerProcess<Usage>,
  sagas: number,
): PerProcess<Memory> =>
  compare(before, after, (from, to) => ({
    before_mb: from.megabytes,
    after_mb: to.megabytes,
    kb_per_saga: ((to.megabytes - from.megabytes) * 1_024) / sagas,
  }));

function compare<T>(
  before: PerProcess<Usage>,
  after: PerProcess<Usage>,
  how: (from: Usage, to: Usage) => T,
): PerProcess<T> {
  const each = names.flatMap((name) => {
    const [from, to] = [before[name], after[name]];
    return from && to ? [[name, how(from, to)] as const] : [];
  });
  return Object.fromEntries(each);
}
