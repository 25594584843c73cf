import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  byOlga,
  origination,
  untilUnwinder,
  unwinderOf,
  unwinderStatus,
  waitingSaga,
} from '../support/left-behind.ts';
import { application, granted, heal, nothing, originate, rowsOf } from '../support/originations.ts';
import { resetToBefore } from '../support/reset.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';
import { startWebhook } from '../support/webhook.ts';

let system: System;
let webhook: Awaited<ReturnType<typeof startWebhook>>;
beforeAll(async () => {
  webhook = await startWebhook();
  const env = {
    ALERT_WEBHOOK_URL: webhook.url,
    ALERT_AFTER: 'PT1S',
    TEMPORAL_UI_URL: 'http://ui',
  };
  system = await startSystem({ env });
});
afterAll(async () => {
  await system.end();
  webhook.close();
});

const summaryOf = async (handle: WorkflowHandle) => (await handle.describe()).staticSummary();
const alertsOf = (id: string) => webhook.taken.filter(({ body }) => body.saga_id === id);
const alertsWith = (wanted: string) => webhook.taken.filter(({ key }) => key === wanted);
const keysOf = (id: string) => [...new Set(alertsOf(id).map(({ key }) => key))];

test('a saga that was terminated alerts once, until the webhook has taken it, and tells nobody the URL', async () => {
  const { answers, taken } = webhook;
  answers.push(500, 301);
  const id = await waitingSaga(system);
  await system.handle(origination, id).terminate('by hand');
  await expect.poll(() => taken.length, { timeout: 30_000 }).toBe(3);
  const [first, ...others] = taken;
  expect(first).toEqual({
    key: expect.stringContaining(id),
    type: 'application/json',
    body: {
      saga_id: id,
      type: origination,
      step: null,
      op: null,
      error: 'by hand',
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      link: `http://ui/namespaces/unwind-test/workflows/${origination}-${id}`,
    },
  });
  expect(others).toEqual([first, first]);

  const alert = system.temporal.client.workflow.getHandle(String(first?.key));
  await alert.result();
  const told = JSON.stringify(await alert.fetchHistory());
  expect(told).toContain('the alert webhook responded with 301');
  expect(told).not.toMatch(/our-hook|a secret|\.ts/);

  await untilUnwinder(system, id);
  expect(await summaryOf(unwinderOf(system, id))).toBe(`Unwinder: ${origination}`);
  await unwinderOf(system, id).signal('compensate', byOlga);
  const saga = await system.untilEnded(id);
  // The unwinding may have alerted as well, where it took longer than ALERT_AFTER.
  const alerts = saga.timeline.filter((entry) => 'event' in entry && entry.event === 'alert');
  expect(alerts.filter((alert) => 'error' in alert && alert.error === 'by hand')).toHaveLength(1);
  expect(alertsWith(String(first?.key))).toHaveLength(3);
});

test('an alert is brought also when its saga has ended before anybody took it', async () => {
  const { answers } = webhook;
  answers.push(...Array<number>(100).fill(500));
  const { customer, ...terms } = application();
  const refuse = { step: 'submit-application', op: 'do', at: 'before', do: 'refuse' } as const;
  system.config.failpoints.push(refuse);
  const id = await system.start(origination, { customer, ...terms });
  await system.untilState(id, 'parked');
  await system.handle(origination, id).signal('compensate', byOlga);
  expect((await system.untilEnded(id)).state).toBe('compensated');
  await expect(system.handle(origination, id).result()).rejects.toThrow();
  system.config.failpoints.length = 0;
  answers.length = 0;

  const key = `alert-${id}-do-submit-application-1`;
  const alert = system.temporal.client.workflow.getHandle(key);
  await alert.result();
  expect(await summaryOf(alert)).toBe(`Alert: ${origination} submit-application`);
  expect(alertsWith(key).at(-1)).toMatchObject({
    body: { saga_id: id, step: 'submit-application', op: 'do' },
  });
});

const failToDeregister = (id: string) => {
  const failing = { saga: id, step: 'register-customer', op: 'undo', at: 'before', do: 'error' } as const;
  system.config.failpoints.push(failing);
};

test('a saga that has been unwinding for longer than ALERT_AFTER alerts once', async () => {
  const id = await waitingSaga(system);
  const late = () => alertsWith(`alert-${id}-unwinding`);
  failToDeregister(id);
  await system.handle(origination, id).cancel();
  await expect.poll(late, { timeout: 20_000 }).toMatchObject([
    {
      body: { saga_id: id, step: 'register-customer', op: 'undo', error: 'unwinding for longer than PT1S' },
    },
  ]);
  system.config.failpoints.length = 0;
  expect((await system.untilEnded(id)).state).toBe('cancelled');
  expect(late()).toHaveLength(1);
});

test('an unwinder that has been unwinding for longer than ALERT_AFTER alerts, also if its saga has, with the same key', async () => {
  const id = await waitingSaga(system);
  const late = () => alertsWith(`alert-${id}-unwinding`);
  failToDeregister(id);
  await system.handle(origination, id).cancel();
  await expect.poll(late).toHaveLength(1);
  await system.handle(origination, id).terminate('by hand');
  await untilUnwinder(system, id);
  await unwinderOf(system, id).signal('compensate', byOlga);
  await expect.poll(late).toHaveLength(2);
  system.config.failpoints.length = 0;
  expect((await system.untilEnded(id)).state).toBe('compensated');
});

test('a step that is parked again after a reset alerts again, with the same key', async () => {
  const id = await originate(system, [{ step: 'submit-application', op: 'do', at: 'before', do: 'refuse' }]);
  const key = `alert-${id}-do-submit-application-1`;
  const alerts = () => alertsWith(key);
  await expect.poll(alerts).toHaveLength(1);
  // One that is still being delivered counts for both.
  await system.temporal.client.workflow.getHandle(key).result();
  await resetToBefore(system, `${origination}-${id}`, 'submit-application');
  await expect.poll(alerts).toHaveLength(2);
});

test('a saga that is terminated a second time alerts again, once its first stand-in has ended', async () => {
  const id = await waitingSaga(system);
  const alerts = () => alertsWith(`alert-${id}-saga`).map(({ body }) => body['error']);
  await system.handle(origination, id).terminate('first');
  await expect.poll(alerts, { timeout: 30_000 }).toEqual(['first']);
  await resetToBefore(system, `${origination}-${id}`, 'assess-application');
  await system.untilState(id, 'waiting');
  await unwinderOf(system, id).signal('resolve', byOlga);
  await expect.poll(() => unwinderStatus(system, id)).not.toBe('RUNNING');
  await system.handle(origination, id).terminate('second');
  await expect.poll(alerts, { timeout: 30_000 }).toEqual(['first', 'second']);
});

test('a saga that is terminated a second time alerts again, though its first stand-in is still there', async () => {
  const id = await waitingSaga(system);
  await system.handle(origination, id).terminate('first');
  await expect.poll(() => keysOf(id), { timeout: 30_000 }).toHaveLength(1);
  await resetToBefore(system, `${origination}-${id}`, 'assess-application');
  await system.untilState(id, 'waiting');
  await system.handle(origination, id).terminate('second');
  await expect.poll(() => keysOf(id), { timeout: 30_000 }).toHaveLength(2);
  expect(alertsOf(id).at(-1)).toMatchObject({
    body: { saga_id: id, type: origination, step: null, error: expect.stringContaining('again') },
  });
  const alert = system.temporal.client.workflow.getHandle(String(alertsOf(id).at(-1)?.key));
  expect(await summaryOf(alert)).toContain(`Alert: ${origination}`);
});

test('a pivot that keeps failing alerts once, and the saga goes forward when it succeeds', async () => {
  const id = await originate(system, [{ step: 'disburse-funds', op: 'do', at: 'before', do: 'error' }]);
  await expect
    .poll(() => alertsOf(id), { timeout: 20_000 })
    .toMatchObject([
      { key: `alert-${id}-pivot-disburse-funds-1`, body: { step: 'disburse-funds', op: 'do' } },
    ]);
  const tried = async () => stepsOf(await system.get(id));
  await expect.poll(tried, { timeout: 10_000 }).toContain('do disburse-funds running');
  heal(system, id);
  const saga = await system.untilEnded(id);
  expect(saga).toMatchObject({ state: 'completed', errors: { execution: [] } });
  expect(stepsOf(saga).filter((step) => step.includes('disburse-funds'))).toEqual(['do disburse-funds done']);
  expect(alertsOf(id)).toHaveLength(1);
  expect(await rowsOf(system, id)).toEqual(granted);
});

test('a pivot whose service has no worker alerts once, and the saga goes forward when there is one', async () => {
  const id = await waitingSaga(system);
  await system.rest('mortgage');
  await system.command(id, 'decision', { approved: false });
  await expect
    .poll(() => alertsOf(id))
    .toMatchObject([
      { key: `alert-${id}-pivot-reject-application-1`, body: { step: 'reject-application', op: 'do' } },
    ]);
  await system.work('mortgage');
  const saga = await system.untilEnded(id);
  expect(saga).toMatchObject({ state: 'completed', errors: { execution: [] } });
  expect(stepsOf(saga).at(-1)).toBe('do reject-application done');
  expect(alertsOf(id)).toHaveLength(1);
  expect(await rowsOf(system, id)).toEqual({
    ...nothing,
    customers: 1,
    claims: 1,
    applications: ['rejected'],
  });
});
