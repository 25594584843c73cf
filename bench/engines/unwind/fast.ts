import { Client } from '@temporalio/client';
import { stretchActivities } from '../../../src/activities/stretch-activities.ts';
import type { OpenEngine } from '../../engine.ts';
import { fourStepSaga } from './saga.ts';
import { openWorkers, runSaga } from './workers.ts';

/** Steps run where the saga runs, and its start goes over the worker's own connection. */
export const open: OpenEngine = async (settings) => {
  const { taskQueue } = settings;
  const { definition } = fourStepSaga(taskQueue);
  const workers = await openWorkers(settings, (steps) => ({
    ...stretchActivities([definition], { [taskQueue]: steps }),
  }));
  const { workflow } = new Client({ connection: workers.connection });
  const start = { requestEagerStart: true, memo: { placement: [taskQueue] } };
  return {
    run: (saga) => runSaga(workflow, taskQueue, saga, start),
    close: workers.close,
  };
};
