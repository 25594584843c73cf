import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Whether the Unwind of the checkout at `root` runs steps where the saga runs. */
export const hasFastPath = (root: string) =>
  existsSync(join(root, 'src', 'activities', 'stretch-activities.ts'));
