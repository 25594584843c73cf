import type { SagaData, StackEntry } from '../data.ts';
import type { StepContract } from '../step.ts';

/** Names a step that is about to run, and pushes it on the stack if it can be undone. */
export function register(
  { data }: { data: SagaData },
  { name, service, compensation, pivot }: StepContract,
  branch?: StackEntry['branch'],
): StackEntry {
  const count = (data.counts[name] ?? 0) + 1;
  data.counts[name] = count;
  const step = count === 1 ? name : `${name}#${count}`;
  const fenced = data.fenced.filter((entry) => entry.step === step).map(({ generation }) => generation);
  const generation = Math.max(0, ...fenced) + 1;
  const entry = { service, step, generation, position: data.position, ...(branch && { branch }) };
  data.position += 1;
  if (!data.committed && (compensation !== null || pivot)) data.stack.push(entry);
  return entry;
}

/**
 * Entries in undo order, from the highest position to the lowest. Each group holds chains that may be undone in parallel:
 * one per branch of a parallel block with independent branches, otherwise a single one.
 */
export function undoOrder(stack: readonly StackEntry[]): StackEntry[][][] {
  const groups: { block: number | undefined; chains: Map<number, StackEntry[]> }[] = [];
  for (const entry of stack.toSorted((a, b) => b.position - a.position)) {
    const { block, index = 0 } = entry.branch ?? {};
    let group = groups.at(-1);
    if (!group || block === undefined || group.block !== block) {
      group = { block, chains: new Map() };
      groups.push(group);
    }
    group.chains.set(index, [...(group.chains.get(index) ?? []), entry]);
  }
  return groups.map(({ chains }) => [...chains.values()]);
}
