import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createLogger } from '../../src/logger.ts';
import { installRuntime } from '../../src/metrics/runtime.ts';
import { sagaStateKey, sagaStepKey, sagaTypeKey } from '../../src/saga/state.ts';
import type { StepCall } from '../../src/saga/step.ts';

const exampleFile = join(import.meta.dirname, 'example', 'workflows.ts');
const readme = join(import.meta.dirname, '..', '..', 'src', 'saga', 'README.md');

let temporal: TestWorkflowEnvironment;
beforeAll(async () => {
  installRuntime(createLogger('test', 'silent'), 0);
  temporal = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: inject('temporalCli') },
      searchAttributes: [sagaTypeKey, sagaStateKey, sagaStepKey],
      log: { format: 'pretty', level: 'error' },
    },
  });
});
afterAll(() => temporal.teardown());

test("the example of the kernel's README is the one that runs here", () => {
  const example = readFileSync(exampleFile, 'utf8').replaceAll('../../../src/saga/', './');
  expect(readFileSync(readme, 'utf8')).toContain(`\`\`\`ts\n${example}\`\`\``);
});

test('the kernel runs a saga without the rest of Unwind: refused at its second step, it undoes the first', async () => {
  const seats = new Set<string>();
  const key = ({ saga_id, step }: StepCall) => `${saga_id} ${step}`;
  const flights = {
    'reserve-seat': async (call: StepCall) => {
      seats.add(key(call));
      return { seat: '12A' };
    },
    'reserve-seat:undo': async (call: StepCall) => {
      const outcome = seats.delete(key(call)) ? 'undone' : 'nothing-to-undo';
      return { outcome };
    },
  };
  const payments = {
    'charge-card': async () => {
      throw ApplicationFailure.create({ type: 'refused', nonRetryable: true, message: 'no credit' });
    },
    'charge-card:undo': async () => ({ outcome: 'nothing-to-undo' }),
  };
  const connection = temporal.nativeConnection;
  const workers = await Promise.all([
    Worker.create({ connection, taskQueue: 'bookings', workflowsPath: exampleFile }),
    Worker.create({ connection, taskQueue: 'flights', activities: flights }),
    Worker.create({ connection, taskQueue: 'payments', activities: payments }),
  ]);
  const running = workers.map((worker) => worker.run());

  const { workflow } = new Client({ connection: temporal.connection });
  const id = crypto.randomUUID();
  const options = { taskQueue: 'bookings', workflowId: `booking-${id}`, args: [{ flight: 'LH 400' }] };
  const result = workflow.execute('booking', options);
  await expect(result).rejects.toMatchObject({
    cause: { type: 'SagaCompensated', message: 'charge-card: no credit' },
  });
  expect(seats.size).toBe(0);

  for (const worker of workers) worker.shutdown();
  await Promise.all(running);
});
