import { existsSync } from 'node:fs';
import { mkdtemp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { buildWorkflowBundle } from '../../src/workflows/bundle.ts';

/** The path of the bundle of test/support/workflows/`name`.ts. It is built once a run of the tests. */
export async function bundleOf(name: string): Promise<string> {
  const bundles = inject('workflowBundles');
  const path = join(bundles, `${name}.js`);
  if (existsSync(path)) return path;
  // Another test file may build the same one now: each builds in a folder of its own.
  const folder = await mkdtemp(join(bundles, `${name}-`));
  const workflows = join(import.meta.dirname, 'workflows', `${name}.ts`);
  await rename(await buildWorkflowBundle(folder, workflows), path);
  return path;
}
