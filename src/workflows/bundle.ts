import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const payloadConverterPath = pathOf('../saga/lenient-payloads.ts');
const interceptors = pathOf('../saga/reserved-signals.ts');

/** The code of all workflows, as workers run it. `workflowsPath`: the module that exports them. */
export async function bundleWorkflows(workflowsPath = pathOf('./index.ts')): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    // Evaluated once a worker thread in place of once a workflow: schemas are costly to make.
    preloadModules: [workflowsPath, payloadConverterPath, interceptors, pathOf('./share-modules.ts')],
    payloadConverterPath,
    workflowInterceptorModules: [interceptors],
    logger: new DefaultLogger('WARN'),
  });
  return code;
}

/** Writes the bundle to a file in `folder`, so that workers start without making it. Answers its path. */
export async function buildWorkflowBundle(folder: string, workflowsPath?: string): Promise<string> {
  const code = await bundleWorkflows(workflowsPath);
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'workflows.js');
  await writeFile(`${path}.new`, code);
  await rename(`${path}.new`, path);
  return path;
}
