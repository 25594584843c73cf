import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HeadStarts } from '../../../src/activities/head-starts.ts';
import type { StretchActivities } from '../../../src/saga/stretch.ts';

/** Lets sagas begin with the answer to their start, where the Unwind of this checkout can. */
export async function headStartsOf(activities: StretchActivities): Promise<Partial<HeadStarts>> {
  if (!existsSync(join(import.meta.dirname, '../../../src/activities/head-starts.ts'))) return { activities };
  const { headStarts } = await import('../../../src/activities/head-starts.ts');
  return headStarts(activities);
}

/** Whether the Unwind of the checkout at `root` runs steps where the saga runs. */
export const hasFastPath = (root: string) =>
  existsSync(join(root, 'src', 'activities', 'stretch-activities.ts'));
