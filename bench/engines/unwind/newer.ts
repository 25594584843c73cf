import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EagerStarts } from '../../../src/activities/eager-starts.ts';
import type { InlineActivities } from '../../../src/saga/inline-run.ts';

// Features that an older version under --against may lack.

const isThere = (file: string, root = join(import.meta.dirname, '..', '..', '..')) =>
  existsSync(join(root, 'src', file));

/** Whether the checkout at `root` has the fast path. */
export const hasFastPath = (root: string) => isThere('activities/inline-activities.ts', root);

/** Lets sagas begin in the response to their start. */
export async function headStartsOf(activities: InlineActivities): Promise<Partial<EagerStarts>> {
  if (!isThere('activities/eager-starts.ts')) return { activities };
  const { eagerStarts } = await import('../../../src/activities/eager-starts.ts');
  return eagerStarts(activities);
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
