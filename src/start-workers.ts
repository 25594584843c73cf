import { setTimeout } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { NativeConnection, TransportError, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { customerActivities } from './activities/customer.ts';
import { deliveryActivities } from './activities/delivery.ts';
import { loanActivities } from './activities/loan.ts';
import { lockActivities, lockedServices } from './activities/locks.ts';
import { mortgageActivities } from './activities/mortgage.ts';
import { orderActivities } from './activities/order.ts';
import { paymentActivities } from './activities/payment.ts';
import { productActivities } from './activities/product.ts';
import type { StepActivities, StepEnvironment } from './activities/step-activities.ts';
import { upkeepActivities } from './activities/upkeep.ts';
import { type Config, serviceNames } from './config.ts';
import { openDatabase } from './guard/database.ts';
import { createFailpoints } from './guard/failpoints.ts';
import { reportSteps } from './metrics/steps.ts';
import { startRelay } from './relay/start-relay.ts';
import type { LockSweepInput } from './saga/lock-sweep.ts';
import { type SweepInput, sweepWorkflowId } from './saga/sweep.ts';
import { bundleWorkflows } from './workflows/bundle.ts';
import { sagaTaskQueue } from './workflows/contracts.ts';

const services = {
  customer: customerActivities,
  mortgage: mortgageActivities,
  loan: loanActivities,
  product: productActivities,
  order: orderActivities,
  payment: paymentActivities,
  delivery: deliveryActivities,
} satisfies Record<string, (environment: StepEnvironment & Pick<Config, 'lendingLimit'>) => StepActivities>;

/** `sagas` runs the workflows, `relay` passes events on; the others each run one service's steps. */
export const workerRoles = ['sagas', ...serviceNames, 'relay'] as const;
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
  const connection = await connectToTemporal(config.temporal.connection, logger);
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

  const optionsOf = async (role: Exclude<WorkerRole, 'relay'>): Promise<WorkerOptions> => {
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
    const database = openDatabase(config.databases[role], { name: `unwind-${role}`, max: stepsAtOnce });
    open.push(database);
    const environment = { database, failpoints, report, lendingLimit: config.lendingLimit };
    return {
      ...shared,
      taskQueue: role,
      activities: { ...services[role](environment), ...lockActivities(role, database) },
      maxConcurrentActivityTaskExecutions: stepsAtOnce,
    };
  };

  if (roles.includes('sagas')) await ensureSweeps(upkeep.temporal);
  const ofWorkers = roles.flatMap((role) => (role === 'relay' ? [] : role));
  const workers = await Promise.all(ofWorkers.map(async (role) => Worker.create(await optionsOf(role))));
  const relay = roles.includes('relay')
    ? startRelay(config, { temporal: upkeep.temporal, failpoints, report, logger })
    : undefined;
  const shutdown = () => {
    relay?.shutdown();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = [...workers.map((worker) => worker.run()), relay?.ended];
  const ended = Promise.all(runs).finally(async () => {
    shutdown();
    await Promise.allSettled(runs);
    await Promise.all(open.map((resource) => resource.end()));
    await connection.close();
  });
  return { ended, shutdown };
}

/** Waits for it: a service serves its resources meanwhile. */
async function connectToTemporal(
  options: Config['temporal']['connection'],
  logger: Logger,
): Promise<NativeConnection> {
  for (let waitMs = 500; ; waitMs = Math.min(10_000, waitMs * 2)) {
    try {
      return await NativeConnection.connect(options);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      logger.warn({ address: options.address, retry_ms: waitMs }, 'Temporal cannot be reached yet');
      await setTimeout(waitMs);
    }
  }
}

/** One for all workers, however many there are. */
async function ensureSweeps({ workflow }: Client) {
  const one = {
    taskQueue: sagaTaskQueue,
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  } as const;
  const input: SweepInput = { everyMs: 5_000, since: null };
  const staticSummary = 'Finds sagas that were terminated or timed out';
  await workflow.start('sweep', { ...one, workflowId: sweepWorkflowId, args: [input], staticSummary });
  for (const service of lockedServices) {
    const input: LockSweepInput = { service, everyMs: 5_000, since: null };
    const staticSummary = `Frees what ended sagas still hold of the ${service} service`;
    const workflowId = `sweep-locks-${service}`;
    await workflow.start('sweepLocks', { ...one, workflowId, args: [input], staticSummary });
  }
}
