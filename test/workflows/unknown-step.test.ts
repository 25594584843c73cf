import { MockActivityEnvironment } from '@temporalio/testing';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stepActivities } from '../../src/activities/step-activities.ts';
import { delayAfter, unknownStep } from '../../src/activities/unknown-step.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { implement } from '../../src/guard/implement.ts';
import { activityType, type StepOp } from '../../src/saga/step.ts';
import { visitMortgage } from '../../src/services/mortgage/steps.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';
import * as contracts from '../support/workflows/newer-steps.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ workflows: 'newer' });
});
afterAll(() => system.end());

/** A worker of the mortgage service that has the step. */
async function deployNewer() {
  const { config, databases, temporal } = system;
  const connection = await NativeConnection.connect({ address: temporal.address });
  const database = openDatabase(databases.mortgage);
  const orderValuation = implement(contracts.orderValuation, { do: async () => ({}), undo: async () => {} });
  const environment = { database, failpoints: async () => {}, report: () => {} };
  const { namespace } = config.temporal;
  const activities = stepActivities(contracts, { orderValuation }, environment);
  const worker = await Worker.create({ connection, namespace, taskQueue: 'mortgage', activities });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
    await Promise.all([connection.close(), database.end()]);
  };
}

test('a step that no worker of its service has yet waits for one that has it, and nothing is undone', async () => {
  const id = await system.start('rehearsal', {});
  const waiting = async () => (await system.get(id)).timeline.at(-1);
  await expect.poll(waiting, { timeout: 10_000 }).toMatchObject({
    step: 'order-valuation',
    status: 'running',
    error: 'this version of the mortgage service has no order-valuation: deploy the one that has it',
  });
  await system.rest('mortgage');
  const end = await deployNewer();
  const saga = await system.untilEnded(id);
  expect(saga).toMatchObject({ state: 'completed', errors: { execution: [], compensation: [] } });
  expect(stepsOf(saga)).toEqual(['do visit-customer done', 'do order-valuation done', 'do visit-loan done']);
  await end();
});

test('a compensation that no worker has keeps its own back-off: it is parked soon, and the others go on', async () => {
  const failed = (op: StepOp) => {
    const run = { activityId: `${op}:order-valuation@1`, activityType: activityType('order-valuation', op) };
    const environment = new MockActivityEnvironment({ ...run, attempt: 3, taskQueue: 'mortgage' });
    return environment.run(unknownStep).catch((error: unknown) => error);
  };
  expect(await failed('do')).toMatchObject({ nextRetryDelay: '4 seconds' });
  expect(await failed('undo')).toMatchObject({
    message: expect.stringContaining('has no order-valuation:undo'),
    nextRetryDelay: undefined,
  });
});

test('twenty attempts of a step that no worker has take more than three hours', () => {
  const delays = Array.from({ length: visitMortgage.retry.attempts - 1 }, (_, index) =>
    delayAfter(index + 1),
  );
  expect(delays.slice(0, 4)).toEqual([1, 2, 4, 8]);
  expect(delays.reduce((sum, delay) => sum + delay)).toBeGreaterThan(3 * 3_600);
});
