import { Client } from '@temporalio/client';
import type { EagerStarts } from '../../../src/activities/eager-starts.ts';
import type { OpenEngine } from '../../engine.ts';
import { fastPathOf } from './newer.ts';
import { fourStepSaga } from './saga.ts';
import { openWorkers, runSaga } from './workers.ts';

/** Steps run in the saga's process, which starts sagas over the worker's own connection. */
export const open: OpenEngine = async (settings) => {
  const { taskQueue } = settings;
  const { definition } = fourStepSaga(taskQueue);
  const placement = [taskQueue];
  let begin: EagerStarts['begin'] | undefined;
  const workers = await openWorkers(settings, async (steps) => {
    const starts = await fastPathOf([definition], { [taskQueue]: steps });
    begin = starts.begin;
    return { ...starts.activities };
  });
  const { workflow } = new Client({ connection: workers.connection });
  const start = { requestEagerStart: true, memo: { placement } };
  return {
    run: (saga) =>
      runSaga(workflow, taskQueue, saga, start, (input) =>
        begin?.({ type: taskQueue, sagaId: saga.id, input, placement }),
      ),
    close: workers.close,
  };
};
