import { Client } from '@temporalio/client';
import type { OpenEngine } from '../../engine.ts';
import { fastPath } from './fast-path.ts';
import { openWorkers, runSaga } from './workers.ts';

/** Steps run where the saga runs, and its start goes over the worker's own connection. */
export const open: OpenEngine = async (settings) => {
  if (!fastPath) throw new Error('this version of Unwind has no fast path');
  const { activities, start } = fastPath;
  const { taskQueue } = settings;
  const workers = await openWorkers(settings, (ofService) => activities(taskQueue, ofService));
  const { workflow } = new Client({ connection: workers.connection });
  return {
    run: (saga) => runSaga(workflow, taskQueue, saga, start(taskQueue)),
    close: workers.close,
  };
};
