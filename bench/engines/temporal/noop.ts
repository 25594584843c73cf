import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { connectionTo } from '../../../src/config.ts';
import { leaveOutCallStacks } from '../../../src/worker/call-stacks.ts';
import { type OpenEngine, temporalOf } from '../../engine.ts';
import { quietRuntime } from '../quiet-runtime.ts';

/** The floor of the engine: a workflow that returns at once, started eagerly, in a worker without call stacks. */
export const open: OpenEngine = async (settings) => {
  quietRuntime();
  leaveOutCallStacks();
  const connection = await NativeConnection.connect(connectionTo(temporalOf(settings)));
  const worker = await Worker.create({
    connection,
    taskQueue: settings.taskQueue,
    workflowBundle: { codePath: join(settings.bundles, 'temporal.js') },
  });
  const running = worker.run();
  const { workflow } = new Client({ connection });
  return {
    async run({ id }) {
      const start = { workflowId: `${settings.taskQueue}-${id}`, taskQueue: settings.taskQueue };
      await workflow.execute('noop', { ...start, requestEagerStart: true });
    },
    async close() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
};
