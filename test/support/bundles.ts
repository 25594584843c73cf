import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWorkflowBundle } from '../../src/workflows/bundle.ts';

/** Bundles the workflows of test/support/workflows/`name`.ts. */
export async function bundleOf(name: string) {
  const folder = await mkdtemp(join(tmpdir(), 'unwind-workflows-'));
  const path = await buildWorkflowBundle(folder, join(import.meta.dirname, 'workflows', `${name}.ts`));
  return { path, remove: () => rm(folder, { recursive: true }) };
}
