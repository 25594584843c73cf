import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** Bundles the workflows of all contenders on Temporal with the code of the checkout at `root`. Returns the folder. */
export async function buildBundles(root: string, folder: string): Promise<string> {
  const { buildWorkflowBundle }: typeof import('../src/workflows/bundle.ts') = await import(
    join(root, 'src', 'workflows', 'bundle.ts')
  );
  const engines = join(root, 'bench', 'engines');
  await buildWorkflowBundle(folder, join(engines, 'unwind', 'workflows.ts'));
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(engines, 'temporal', 'workflows.ts'),
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(join(folder, 'temporal.js'), code);
  return folder;
}
