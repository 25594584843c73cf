import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Logger } from 'pino';
import postgres from 'postgres';
import { Registry } from 'prom-client';
import { expect, inject, vi } from 'vitest';
import { dynamicConfig } from '../../scripts/stack/temporal-server.ts';
import { lockedServices } from '../../src/activities/locks.ts';
import { createApp, createServiceApp, type ResourceService } from '../../src/api/app.ts';
import { loadConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { createLogger } from '../../src/logger.ts';
import { installRuntime } from '../../src/metrics/runtime.ts';
import { prepareTemporal } from '../../src/migrate/prepare-temporal.ts';
import { type LockSweepInput, lockSweepWorkflowId } from '../../src/saga/lock-sweep.ts';
import { sagaStateKey, sagaStepKey, sagaTypeKey } from '../../src/saga/state.ts';
import type { SagaSnapshot } from '../../src/saga/timeline.ts';
import { eachDatabase, eachService, serviceNames } from '../../src/service-names.ts';
import {
  type RunningWorkers,
  startWorkers,
  type WorkerRole,
  workerRoles,
} from '../../src/worker/start-workers.ts';
import { sagaTaskQueue } from '../../src/workflows/start-options.ts';
import { bundleOf } from './bundles.ts';
import { databaseVariables, dropDatabases, freshDatabases } from './databases.ts';

export type SagaView = SagaSnapshot & { saga_id: string; type: string };
export type System = Awaited<ReturnType<typeof startSystem>>;

/** Not `default`: what ignores the configured namespace finds nothing. */
const namespace = 'unwind-test';

/** Where a process finds the Temporal server of a test. */
export const temporalVariables = ({ address }: Pick<TestWorkflowEnvironment, 'address'>) => ({
  TEMPORAL_ADDRESS: address,
  TEMPORAL_NAMESPACE: namespace,
});

/** A process has one: that of the first system in it. */
let hasRuntime = false;

const ended = ['completed', 'compensated', 'cancelled', 'failed'];

interface Options {
  logger?: Logger;
  workerMetricsPort?: number;
  /** Further arguments of the Temporal server. */
  serverArgs?: string[];
  /** Further variables of the configuration. */
  env?: Record<string, string>;
  /** Other workflows than Unwind's own: those of test/support/workflows/`workflows`.ts. */
  workflows?: string;
  /** The workers that run in this process: all of them unless named. */
  roles?: readonly WorkerRole[];
  /** The period of the sweeps that free locks, in place of 5 s. */
  sweepLocksEveryMs?: number;
  /** Sagas are started to run their steps with their worker. Those of this process are started as one. */
  placed?: boolean;
}

/** A real Temporal server, fresh databases, all workers and the API, for one test file. */
export async function startSystem({
  logger = createLogger('test', 'silent'),
  workerMetricsPort = 0,
  serverArgs = [],
  env = {},
  workflows,
  roles = workerRoles,
  placed = false,
  sweepLocksEveryMs,
}: Options = {}) {
  if (!hasRuntime) installRuntime(logger, workerMetricsPort);
  hasRuntime = true;
  const bundle = workflows === undefined ? inject('workflowBundle') : await bundleOf(workflows);
  const databases = await freshDatabases();
  const temporal = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: inject('temporalCli') },
      namespace,
      searchAttributes: [sagaTypeKey, sagaStateKey, sagaStepKey],
      extraArgs: [...dynamicConfig, ...serverArgs],
      log: { format: 'pretty', level: 'error' },
    },
  });
  const config = loadConfig({
    ...databaseVariables(databases),
    ...temporalVariables(temporal),
    WORKFLOW_BUNDLE: bundle,
    ...env,
  });
  // Older servers know their search attributes only after a while.
  await prepareTemporal(config.temporal.connection, namespace, () => {});
  const registry = openDatabase(databases.unwind);
  const metrics = new Registry();
  const running = new Map<WorkerRole, RunningWorkers>();
  const client = () => running.get('sagas')?.temporal;
  /** The sagas whose first task came with the answer to their start. */
  const begun: string[] = [];
  const begin: RunningWorkers['begin'] = (started) => {
    begun.push(started.sagaId);
    running.get('sagas')?.begin(started);
  };
  const given = {
    registry,
    temporal: temporal.client,
    ...(placed && { colocated: { client, begin, placement: serviceNames } }),
    temporalUiUrl: config.temporal.uiUrl,
    alertAfter: config.alerts.after,
    logger,
  };
  const open = eachService((name) => openDatabase(databases[name]));
  const app = createApp({ ...given, auth: config.auth, metrics }, open);
  const service = (name: ResourceService, token?: string) =>
    createServiceApp(name, given, { database: open[name], token });
  const sql = eachDatabase((name) => postgres(databases[name], { max: 2 }));

  async function work(...roles: readonly WorkerRole[]) {
    const groups = placed ? [roles].filter(({ length }) => length > 0) : roles.map((role) => [role]);
    for (const group of groups) {
      const workers = await startWorkers(config, group, logger);
      for (const role of group) running.set(role, workers);
    }
  }

  async function rest(...roles: readonly WorkerRole[]) {
    for (const role of roles) {
      running.get(role)?.shutdown();
      await running.get(role)?.ended;
      running.delete(role);
    }
  }

  /** One more worker of a role. */
  async function another(role: WorkerRole) {
    const workers = await startWorkers(config, [role], logger);
    return {
      async end() {
        workers.shutdown();
        await workers.ended;
      },
    };
  }

  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const json =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } };
    const response = await app.request(path, { method, ...json });
    // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
    return { status: response.status, headers: response.headers, body: (await response.json()) as any };
  }

  /** Sends what an id or a key makes idempotent, and resends it while a busy machine does not answer in time. */
  function post(path: string, body: unknown, headers?: Record<string, string>) {
    const send = async () => {
      const response = await call('POST', path, body, headers);
      expect(response.status, JSON.stringify(response.body)).not.toBe(503);
      return response;
    };
    return vi.waitFor(send, { timeout: 30_000 });
  }

  /** Sends an operator's command or a decision. */
  const command = (id: string, action: string, body: object = {}) =>
    post(`/sagas/${id}/${action}`, { id: randomUUID(), reason: 'seen to', ...body });

  const get = async (id: string): Promise<SagaView> => (await call('GET', `/sagas/${id}`)).body;

  async function start(type: string, input: unknown): Promise<string> {
    const { status, body } = await post(`/sagas/${type}`, input, { 'idempotency-key': randomUUID() });
    expect(status, JSON.stringify(body)).toBe(202);
    return body.saga_id;
  }

  async function untilState(id: string, ...states: string[]): Promise<SagaView> {
    // Not expect.poll, which must be that of the test where several run at once.
    await vi.waitFor(async () => expect((await get(id)).state).toBeOneOf(states), {
      interval: 50,
      timeout: 30_000,
    });
    return get(id);
  }

  async function end() {
    await rest(...running.keys());
    await Promise.all(Object.values(sql).map((connection) => connection.end()));
    await Promise.all([registry, ...Object.values(open)].map((database) => database.end()));
    await temporal.teardown();
    await dropDatabases(databases);
  }

  if (sweepLocksEveryMs !== undefined) await startLockSweeps(temporal.client, sweepLocksEveryMs);
  await work(...roles);
  const untilEnded = (id: string) => untilState(id, ...ended);
  const handle = (type: string, id: string) => temporal.client.workflow.getHandle(`${type}-${id}`);
  return {
    another,
    app,
    begun,
    call,
    command,
    config,
    databases,
    end,
    get,
    handle,
    metrics,
    rest,
    service,
    sql,
    start,
    temporal,
    untilEnded,
    untilState,
    work,
  };
}

/** Before the workers do, which leave a running sweep as it is. */
async function startLockSweeps({ workflow }: Client, everyMs: number) {
  for (const service of lockedServices) {
    const args: [LockSweepInput] = [{ service, everyMs, since: null }];
    const options = { workflowId: lockSweepWorkflowId(service), taskQueue: sagaTaskQueue, args };
    await workflow.start('sweepLocks', options);
  }
}

/** `do book-loan refused`, `undo book-loan nothing-to-undo`, …, in the order of the timeline. */
export const stepsOf = ({ timeline }: Pick<SagaView, 'timeline'>) =>
  timeline.flatMap((entry) => ('status' in entry ? [`${entry.op} ${entry.step} ${entry.status}`] : []));
