import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HeadStarts } from '../../../src/activities/head-starts.ts';
import type { StretchActivities } from '../../../src/saga/stretch.ts';

// Features that an older version under --against may lack.

const isThere = (file: string, root = join(import.meta.dirname, '..', '..', '..')) =>
  existsSync(join(root, 'src', file));

/** Whether the checkout at `root` has the fast path. */
export const hasFastPath = (root: string) => isThere('activities/stretch-activities.ts', root);

/** Lets sagas begin in the response to their start. */
export async function headStartsOf(activities: StretchActivities): Promise<Partial<HeadStarts>> {
  if (!isThere('activities/head-starts.ts')) return { activities };
  const { headStarts } = await import('../../../src/activities/head-starts.ts');
  return headStarts(activities);
}

export async function connectionTo(address: string) {
  const config = await import('../../../src/config.ts');
  return 'connectionTo' in config ? config.connectionTo(address) : { address };
}

export async function leaveOutCallStacks(): Promise<void> {
  if (!isThere('call-stacks.ts')) return;
  const callStacks = await import('../../../src/call-stacks.ts');
  callStacks.leaveOutCallStacks();
}
