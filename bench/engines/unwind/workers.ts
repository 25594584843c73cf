import { join } from 'node:path';
import { type WorkflowClient, WorkflowFailedError, type WorkflowStartOptions } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { type StepActivities, stepActivities } from '../../../src/activities/step-activities.ts';
import { openDatabase } from '../../../src/guard/database.ts';
import { createLogger } from '../../../src/logger.ts';
import { reportSteps } from '../../../src/metrics/steps.ts';
import { compensatedFailure } from '../../../src/saga/state.ts';
import { sagaStart } from '../../../src/workflows/start-options.ts';
import { connections } from '../../effects.ts';
import { type Settings, temporalOf } from '../../engine.ts';
import { amount, expectEnd, type FourSteps } from '../../four-steps.ts';
import { quietRuntime } from '../quiet-runtime.ts';
import { stepsOf } from './implementation.ts';
import { connectionTo, leaveOutCallStacks } from './newer.ts';
import { contractsOf } from './steps.ts';

/** The task queue of the sagas. The service's own bears its name alone. */
const sagaQueue = (name: string) => `${name}-sagas`;

/** One worker for the sagas and one for the service, configured as in `src/worker/start-workers.ts`. */
export async function openWorkers(
  settings: Settings,
  besideSagas?: (ofService: StepActivities) => Promise<NonNullable<WorkerOptions['activities']>>,
) {
  quietRuntime();
  await leaveOutCallStacks();
  const { taskQueue: name, databaseUrl, bundles } = settings;
  const connection = await NativeConnection.connect(await connectionTo(temporalOf(settings)));
  const database = openDatabase(databaseUrl, { name: 'unwind-bench', max: connections });
  const contracts = contractsOf(name);
  const report = reportSteps(createLogger('bench', 'silent'));
  const environment = { database, failpoints: async () => {}, report };
  const activities = stepActivities(contracts, stepsOf(contracts), environment);
  const sagas = await Worker.create({
    connection,
    taskQueue: sagaQueue(name),
    workflowBundle: { codePath: join(bundles, 'workflows.js') },
    stickyQueueScheduleToStartTimeout: '3 seconds',
    ...(besideSagas && { activities: await besideSagas(activities) }),
  });
  const service = await Worker.create({
    connection,
    taskQueue: name,
    activities,
    maxConcurrentActivityTaskExecutions: connections,
  });
  const workers = [sagas, service];
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    connection,
    async close() {
      for (const worker of workers) worker.shutdown();
      await running;
      await database.end();
      await connection.close();
    },
  };
}

/** Starts the saga as the API does, and waits for its end. Calls `begin` when Temporal has assigned it to this process. */
export async function runSaga(
  workflow: WorkflowClient,
  name: string,
  saga: FourSteps,
  more: Pick<WorkflowStartOptions, 'requestEagerStart' | 'memo'> = {},
  begin: (input: unknown) => void = () => {},
): Promise<void> {
  const input = { amount, refused: saga.refused };
  const options = sagaStart({ alertAfter: 'PT5M' }, { type: name, sagaId: saga.id }, input);
  const memo = { ...options.memo, ...more.memo };
  const handle = await workflow.start(name, { ...options, ...more, memo, taskQueue: sagaQueue(name) });
  if (handle.eagerlyStarted) begin(input);
  const ended = await handle.result().then(() => 'granted', endOf);
  expectEnd(saga, ended);
}

function endOf(error: unknown): string {
  if (!(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure)) throw error;
  const { type, message } = error.cause;
  return type === compensatedFailure ? 'compensated' : (type ?? message);
}
