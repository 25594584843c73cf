import { afterAll, beforeAll, expect, test } from 'vitest';
import { workerRoles } from '../../src/worker/start-workers.ts';
import { logLines } from '../metrics/log-lines.ts';
import { application, granted, rowsOf } from '../support/originations.ts';
import { type System, startSystem } from '../support/system.ts';

const { logger, lines } = logLines();
let system: System;
beforeAll(async () => {
  system = await startSystem({ logger, placed: true });
});
afterAll(() => system.end());

const attempts = (id: string) =>
  lines.filter(({ msg, saga }) => msg === 'step' && saga === id).map(({ step, op }) => `${op} ${step}`);

const allSteps = [
  'do register-customer',
  'do submit-application',
  'do assess-application',
  'do approve-application',
  'do book-loan',
  'do disburse-funds',
  'do activate-loan',
  'do release-application',
];

test('a saga begins with the answer to its start, and its steps are tried once', async () => {
  const id = await system.start('mortgage-origination', application());
  expect((await system.untilEnded(id)).state).toBe('completed');
  expect(system.begun).toContain(id);
  expect(attempts(id)).toEqual(allSteps);
  expect(await rowsOf(system, id)).toEqual(granted);
});

test('sent again it begins nothing', async () => {
  const key = { 'idempotency-key': crypto.randomUUID() };
  const body = application();
  const send = () => system.call('POST', '/sagas/mortgage-origination', body, key);
  const answers = await Promise.all(Array.from({ length: 20 }, send));
  const ids = new Set(answers.map(({ body }) => body.saga_id));
  expect(ids.size).toBe(1);
  const [id = ''] = ids;
  expect((await system.untilEnded(id)).state).toBe('completed');
  expect(system.begun.filter((begun) => begun === id)).toHaveLength(1);
  expect(attempts(id)).toEqual(allSteps);
});

test('without a worker nothing is begun, and the first that comes goes on with it', async () => {
  await system.rest(...workerRoles);
  const id = await system.start('mortgage-origination', application());
  await system.work(...workerRoles);
  expect((await system.untilEnded(id)).state).toBe('completed');
  expect(system.begun).not.toContain(id);
  expect(await rowsOf(system, id)).toEqual(granted);
});
