import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EagerStarts, eagerStarts } from '../../../src/activities/eager-starts.ts';
import type { inlineActivities } from '../../../src/activities/inline-activities.ts';
import type { leaveOutCallStacks as leaveOutStacks } from '../../../src/worker/call-stacks.ts';

// Features that an older version under --against may lack, or name differently.

const checkout = join(import.meta.dirname, '..', '..', '..');

const isThere = (file: string, root = checkout) => existsSync(join(root, 'src', file));

const load = async (file: string, name: string) => (await import(join(checkout, 'src', file)))[name];

/** Each function's file and name: the current one first. */
const inline = [
  { file: 'activities/inline-activities.ts', name: 'inlineActivities' },
  { file: 'activities/stretch-activities.ts', name: 'stretchActivities' },
];
const eager = [
  { file: 'activities/eager-starts.ts', name: 'eagerStarts' },
  { file: 'activities/head-starts.ts', name: 'headStarts' },
];

const callStacks = ['worker/call-stacks.ts', 'call-stacks.ts'];

/** Whether the checkout at `root` has the fast path. */
export const hasFastPath = (root: string) => inline.some(({ file }) => isThere(file, root));

const canConnect = (root: string) =>
  readFileSync(join(root, 'src', 'config.ts'), 'utf8').includes('connectionTo');

/** What the checkout at `root` goes without, as the report names it. */
export function lackedBy(root: string): string[] {
  const has = {
    'Unwind fast': hasFastPath(root),
    'the start with the first task in its response (old)': eager.some(({ file }) => isThere(file, root)),
    'workers without call stacks (old)': callStacks.some((file) => isThere(file, root)),
    'calls without compression (old)': canConnect(root),
  };
  return Object.entries(has).flatMap(([what, is]) => (is ? [] : what));
}

/** The activities of the fast path. Lets sagas begin in the response to their start, if the version can. */
export async function fastPathOf(
  ...[definitions, services]: Parameters<typeof inlineActivities>
): Promise<Partial<EagerStarts>> {
  const path = inline.find(({ file }) => isThere(file));
  if (!path) throw new Error('this version has no fast path');
  const create: typeof inlineActivities = await load(path.file, path.name);
  const activities = create(definitions, services);
  const start = eager.find(({ file }) => isThere(file));
  if (!start) return { activities };
  const begin: typeof eagerStarts = await load(start.file, start.name);
  return begin(activities);
}

export async function connectionTo(address: string) {
  const config = await import('../../../src/config.ts');
  return 'connectionTo' in config ? config.connectionTo(address) : { address };
}

export async function leaveOutCallStacks(): Promise<void> {
  const file = callStacks.find((path) => isThere(path));
  if (!file) return;
  const leaveOut: typeof leaveOutStacks = await load(file, 'leaveOutCallStacks');
  leaveOut();
}
