import type { StackEntry } from './data.ts';

/**
 * The order in which entries are undone: from the highest position to the lowest. Each group holds chains that may be
 * undone side by side, one for each branch of a parallel block with independent branches, else one alone.
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
