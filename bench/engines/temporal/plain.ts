import { join } from 'node:path';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { connectionTo } from '../../../src/config.ts';
import { openEffects } from '../../effects.ts';
import { type OpenEngine, temporalOf } from '../../engine.ts';
import { expectEnd } from '../../four-steps.ts';
import { quietRuntime } from '../quiet-runtime.ts';
import { createActivities } from './activities.ts';

/** As Temporal's samples: one worker, one task queue, ordinary activities, an ordinary start. */
export const open: OpenEngine = async (settings) => {
  quietRuntime();
  const to = connectionTo(temporalOf(settings));
  const effects = openEffects(settings.databaseUrl);
  const native = await NativeConnection.connect(to);
  const connection = await Connection.connect(to);
  const worker = await Worker.create({
    connection: native,
    taskQueue: settings.taskQueue,
    workflowBundle: { codePath: join(settings.bundles, 'temporal.js') },
    activities: createActivities(effects),
  });
  const running = worker.run();
  const { workflow } = new Client({ connection });
  return {
    async run(saga) {
      const start = {
        workflowId: `${settings.taskQueue}-${saga.id}`,
        taskQueue: settings.taskQueue,
        args: [saga],
      };
      const ended = await workflow.execute('plainSaga', start).then(
        () => 'granted',
        (error: unknown) => {
          if (error instanceof WorkflowFailedError && saga.refused) return 'compensated';
          throw error;
        },
      );
      expectEnd(saga, ended);
    },
    async close() {
      worker.shutdown();
      await running;
      await connection.close();
      await native.close();
      await effects.end();
    },
  };
};
