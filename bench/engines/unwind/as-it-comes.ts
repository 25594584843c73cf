import { Client, Connection } from '@temporalio/client';
import { type OpenEngine, temporalOf } from '../../engine.ts';
import { openWorkers, runSaga } from './workers.ts';

/** Ordinary activities on the service's task queue. The client has its own connection. */
export const open: OpenEngine = async (settings) => {
  const workers = await openWorkers(settings);
  const connection = await Connection.connect({ address: temporalOf(settings) });
  const { workflow } = new Client({ connection });
  return {
    run: (saga) => runSaga(workflow, settings.taskQueue, saga),
    async close() {
      await workers.close();
      await connection.close();
    },
  };
};
