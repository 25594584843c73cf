import type { Edit } from './mutants.ts';

/** Throws when the code is no longer the one that the edit was written for. */
export function applyEdit(text: string, { file, find, replace }: Edit): string {
  const places = text.split(find).length - 1;
  if (places === 1) return text.replace(find, () => replace);
  throw new Error(`${file} has changed: it has ${places} times what scripts/sabotage/ looks for:\n${find}`);
}
