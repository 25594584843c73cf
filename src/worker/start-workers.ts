import { setTimeout } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { NativeConnection, TransportError, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { customerActivities } from '../activities/customer.ts';
import { deliveryActivities } from '../activities/delivery.ts';
import { type EagerStarts, eagerStarts } from '../activities/eager-starts.ts';
import { inlineActivities } from '../activities/inline-activities.ts';
import { loanActivities } from '../activities/loan.ts';
import { lockActivities } from '../activities/locks.ts';
import { mortgageActivities } from '../activities/mortgage.ts';
import { orderActivities } from '../activities/order.ts';
import { paymentActivities } from '../activities/payment.ts';
import { productActivities } from '../activities/product.ts';
import type { StepActivities, StepEnvironment } from '../activities/step-activities.ts';
import { unknownStep } from '../activities/unknown-step.ts';
import { upkeepActivities } from '../activities/upkeep.ts';
import type { Config } from '../config.ts';
import { openDatabase } from '../guard/database.ts';
import { createFailpoints } from '../guard/failpoints.ts';
import { reportSteps } from '../metrics/steps.ts';
import { startRelay } from '../relay/start-relay.ts';
import { type DatabaseName, databaseNames, type ServiceName, serviceNames } from '../service-names.ts';
import { bundleWorkflows } from '../workflows/bundle.ts';
import * as sagas from '../workflows/sagas.ts';
import { sagaTaskQueue } from '../workflows/start-options.ts';
import { leaveOutCallStacks } from './call-stacks.ts';
import { ensureSweeps } from './ensure-sweeps.ts';

const services = {
  customer: customerActivities,
  mortgage: mortgageActivities,
  loan: loanActivities,
  product: productActivities,
  order: orderActivities,
  payment: paymentActivities,
  delivery: deliveryActivities,
} satisfies Record<string, (environment: StepEnvironment & Pick<Config, 'lendingLimit'>) => StepActivities>;

/** `sagas` runs the workflows, `relay` delivers events, and each other role runs the steps of its service. */
export const workerRoles = ['sagas', ...serviceNames, 'relay'] as const;
export type WorkerRole = (typeof workerRoles)[number];

/** Concurrent steps of a service. Each has its own database connection. */
const stepsAtOnce = 20;

export interface RunningWorkers {
  /** On the workers' connection: sagas that it starts may begin at once, in this process. */
  temporal: Client;
  /** Begins a saga that was started over it, once Temporal has assigned it to these workers. */
  begin: EagerStarts['begin'];
  /** Settles when all workers have stopped; rejects when one of them failed. */
  ended: Promise<unknown>;
  shutdown(): void;
}

/** The databases in which these roles write. The port of the loan service starts sagas, which it registers. */
export function databasesOf(
  roles: readonly WorkerRole[],
  { servicePorts }: Pick<Config, 'servicePorts'>,
): readonly DatabaseName[] {
  if (roles.includes('relay')) return databaseNames;
  const services = roles.filter(isService);
  return services.includes('loan') && servicePorts.loan > 0 ? [...services, 'unwind'] : services;
}

const isService = (role: WorkerRole): role is ServiceName => role !== 'sagas' && role !== 'relay';

/** Starts one worker per role in this process. The worker of the sagas also runs placed steps of the services here. */
export async function startWorkers(
  config: Config,
  roles: readonly WorkerRole[],
  logger: Logger,
): Promise<RunningWorkers> {
  if (config.callStacks === 'off') leaveOutCallStacks();
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
  const ofServices = roles.filter(isService).map((service) => {
    const database = openDatabase(config.databases[service], { name: `unwind-${service}`, max: stepsAtOnce });
    const environment = { database, failpoints, report, lendingLimit: config.lendingLimit };
    return { service, database, steps: services[service](environment) };
  });

  const definitions = Object.values(sagas).map(({ definition }) => definition);
  const placed = Object.fromEntries(ofServices.map(({ service, steps }) => [service, steps]));
  const inline = eagerStarts(inlineActivities(definitions, placed));

  if (roles.includes('sagas')) await ensureSweeps(upkeep.temporal);
  const sagasWorker = async (): Promise<WorkerOptions> => ({
    ...shared,
    workflowBundle: config.workflowBundle
      ? { codePath: config.workflowBundle }
      : { code: await bundleWorkflows() },
    activities: { ...upkeepActivities(upkeep), ...inline.activities },
    taskQueue: sagaTaskQueue,
    // How long a saga waits for a killed worker before another one takes over.
    stickyQueueScheduleToStartTimeout: '3 seconds',
  });
  const serviceWorkers = ofServices.map(({ service, database, steps }) => ({
    ...shared,
    taskQueue: service,
    activities: { ...steps, ...lockActivities(service, database), default: unknownStep },
    maxConcurrentActivityTaskExecutions: stepsAtOnce,
  }));
  const options = [...(roles.includes('sagas') ? [await sagasWorker()] : []), ...serviceWorkers];
  const workers = await Promise.all(options.map((each) => Worker.create(each)));
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
    await inline.settled();
    await Promise.all(ofServices.map(({ database }) => database.end()));
    await connection.close();
  });
  return { temporal: upkeep.temporal, begin: inline.begin, ended, shutdown };
}

/** Retries until it connects. A service serves its resources meanwhile. */
async function connectToTemporal(
  options: Config['temporal']['connection'],
  logger: Logger,
): Promise<NativeConnection> {
  for (let waitMs = 500; ; waitMs = Math.min(10_000, waitMs * 2)) {
    try {
      return await NativeConnection.connect(options);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const { address } = options;
      logger.warn({ err: error, address, retry_ms: waitMs }, 'Temporal cannot be reached yet');
      await setTimeout(waitMs);
    }
  }
}
