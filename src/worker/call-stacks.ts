import { pathToFileURL } from 'node:url';
import workerThreads, { Worker, type WorkerOptions } from 'node:worker_threads';

const ofTheSdk = /workflow-worker-thread\.js$/;
const ours = new URL('./workflow-thread.mjs', import.meta.url);

class LeanWorker extends Worker {
  constructor(file: string | URL, options?: WorkerOptions) {
    if (typeof file === 'string' && ofTheSdk.test(file))
      super(ours, { ...options, workerData: { thread: pathToFileURL(file).href } });
    else super(file, options);
  }
}

/**
 * From now on, workflows of this process run without call stacks. Temporal's SDK captures one for every promise, with
 * source maps, for the tab Call Stack of the Web UI. That takes two fifths of a saga's time in the workflow thread, and the
 * SDK has no option for it. It skips the capture where Node has no promise hooks.
 */
export function leaveOutCallStacks(): void {
  Object.assign(workerThreads, { Worker: LeanWorker });
}
