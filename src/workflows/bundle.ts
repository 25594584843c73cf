import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const payloadConverterPath = pathOf('../saga/lenient-payloads.ts');
const interceptors = pathOf('../saga/reserved-signals.ts');

/** The bundled code of all workflows. `workflowsPath`: the module that exports them. */
export async function bundleWorkflows(workflowsPath = pathOf('./index.ts')): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    // Evaluated once per worker thread instead of once per workflow: creating schemas is expensive.
    preloadModules: [workflowsPath, payloadConverterPath, interceptors, pathOf('./share-modules.ts')],
    payloadConverterPath,
    workflowInterceptorModules: [interceptors],
    logger: new DefaultLogger('WARN'),
  });
  return code;
}

/** Writes the bundle to a file in `folder`, so that workers need not build it. Returns its path. */
export async function buildWorkflowBundle(folder: string, workflowsPath?: string): Promise<string> {
  const code = await bundleWorkflows(workflowsPath);
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'workflows.js');
  await writeFile(`${path}.new`, code);
  await rename(`${path}.new`, path);
  return path;
}
