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
 * Workflows of this process run without call stacks from now on. Temporal's SDK takes one of every promise, with source
 * maps, for the Web UI's tab Call Stack: two fifths of what a saga costs in their thread, and the SDK has no option for it.
 * Where Node cannot tell it of promises, it does without.
 */
export function leaveOutCallStacks(): void {
  Object.assign(workerThreads, { Worker: LeanWorker });
}
