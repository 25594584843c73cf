import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

export const workflowsPath = fileURLToPath(new URL('./index.ts', import.meta.url));

/** Bundles all workflows into one file under `folder`, so that workers start without doing so. Answers its path. */
export async function buildWorkflowBundle(folder: string): Promise<string> {
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'workflows.js');
  await writeFile(`${path}.new`, code);
  await rename(`${path}.new`, path);
  return path;
}
