import { Client, Connection } from '@temporalio/client';
import { type OpenEngine, temporalOf } from '../../engine.ts';
import { openWorkers, runSaga } from './workers.ts';

/** Ordinary activities on the service's own task queue; the start goes over a connection of the client's own. */
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
