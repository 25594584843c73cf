import { Client } from '@temporalio/client';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { customerActivities } from './activities/customer.ts';
import { loanActivities } from './activities/loan.ts';
import { mortgageActivities } from './activities/mortgage.ts';
import type { StepActivities, StepEnvironment } from './activities/step-activities.ts';
import { upkeepActivities } from './activities/upkeep.ts';
import type { Config } from './config.ts';
import { openDatabase } from './guard/database.ts';
import { createFailpoints } from './guard/failpoints.ts';
import { reportSteps } from './metrics/steps.ts';
import { type SweepInput, sweepWorkflowId } from './saga/sweep.ts';
import { bundleWorkflows } from './workflows/bundle.ts';
import { sagaTaskQueue } from './workflows/contracts.ts';

const services = {
  customer: customerActivities,
  mortgage: mortgageActivities,
  loan: loanActivities,
} satisfies Record<string, (environment: StepEnvironment & Pick<Config, 'lendingLimit'>) => StepActivities>;

/** `sagas` runs the workflows; the others each run one service's steps. */
export const workerRoles = ['sagas', 'customer', 'mortgage', 'loan'] as const;
export type WorkerRole = (typeof workerRoles)[number];

/** A service runs so many steps at once, each with a database connection of its own. */
const stepsAtOnce = 20;

export interface RunningWorkers {
  /** Settles when all workers have ended; rejects when one of them failed. */
  ended: Promise<unknown>;
  shutdown(): void;
}

/** Starts one worker a role, in this process. */
export async function startWorkers(
  config: Config,
  roles: readonly WorkerRole[],
  logger: Logger,
): Promise<RunningWorkers> {
  const connection = await NativeConnection.connect(config.temporal.connection);
  const failpoints = createFailpoints(config.failpoints, (place, action) =>
    logger.warn({ ...place, action }, 'failpoint'),
  );
  const report = reportSteps(logger);
  const shared = {
    connection,
    namespace: config.temporal.namespace,
    shutdownGraceTime: '10 seconds',
  } as const;
  const upkeep = {
    temporal: new Client({ connection, namespace: config.temporal.namespace }),
    temporalUiUrl: config.temporal.uiUrl,
    alertAfter: config.alerts.after,
    alertWebhookUrl: config.alerts.webhookUrl,
    logger,
  };
  const open: { end(): Promise<void> }[] = [];

  const optionsOf = async (role: WorkerRole): Promise<WorkerOptions> => {
    if (role === 'sagas') {
      const { workflowBundle: codePath } = config;
      const workflowBundle = codePath ? { codePath } : { code: await bundleWorkflows() };
      // How long a saga waits for a worker that was killed before another one takes over.
      const stickyQueueScheduleToStartTimeout = '3 seconds';
      return {
        ...shared,
        workflowBundle,
        activities: upkeepActivities(upkeep),
        taskQueue: sagaTaskQueue,
        stickyQueueScheduleToStartTimeout,
      };
    }
    const database = openDatabase(config.databases[role], { name: `unwind-${role}` });
    open.push(database);
    const environment = { database, failpoints, report, lendingLimit: config.lendingLimit };
    return {
      ...shared,
      taskQueue: role,
      activities: services[role](environment),
      maxConcurrentActivityTaskExecutions: stepsAtOnce,
    };
  };

  if (roles.includes('sagas')) await ensureSweep(upkeep.temporal);
  const workers = await Promise.all(roles.map(async (role) => Worker.create(await optionsOf(role))));
  const shutdown = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = workers.map((worker) => worker.run());
  const ended = Promise.all(runs).finally(async () => {
    shutdown();
    await Promise.allSettled(runs);
    await Promise.all(open.map((resource) => resource.end()));
    await connection.close();
  });
  return { ended, shutdown };
}

/** One for all workers, however many there are. */
async function ensureSweep({ workflow }: Client) {
  const input: SweepInput = { everyMs: 5_000, since: null };
  await workflow.start('sweep', {
    workflowId: sweepWorkflowId,
    taskQueue: sagaTaskQueue,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: 'Finds sagas that were terminated or timed out',
  });
}
