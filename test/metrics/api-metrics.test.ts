import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTemporalClient } from '../../src/api/temporal.ts';
import { type Database, openDatabase } from '../../src/guard/database.ts';
import { createLogger } from '../../src/logger.ts';
import { sagaGauges } from '../../src/metrics/sagas.ts';
import { firstTaskOf, origination, unwinderOf, waitingSaga } from '../support/left-behind.ts';
import { referred } from '../support/originations.ts';
import { portOf } from '../support/port-of.ts';
import { resetAt, resetToBefore, untilIndexed } from '../support/reset.ts';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem } from '../support/system.ts';
import { anId, sample } from './samples.ts';

let system: System;
let registry: Database;
let refresh: () => Promise<void>;
const logger = createLogger('test', 'silent');
beforeAll(async () => {
  system = await startSystem();
  registry = openDatabase(system.databases.unwind);
  refresh = sagaGauges(system.metrics, { temporal: system.temporal.client, registry, logger });
});
afterAll(async () => {
  await registry.end();
  await system.end();
});

async function scrape() {
  await refresh();
  return system.metrics.metrics();
}

const gauge = async (state: string) => sample(await scrape(), 'unwind_sagas', { state });
/** Temporal's index lags behind its history by a moment, and the sweep by some seconds. */
const untilGauge = (state: string, count: number) =>
  expect.poll(() => gauge(state), { timeout: 20_000, interval: 100 }).toBe(count);

test('requests are counted and timed by route template, method and status', async () => {
  const id = await system.start('rehearsal', {});
  await system.untilEnded(id);
  await system.get(randomUUID());
  await system.call('GET', '/nowhere/at/all');
  const text = await system.metrics.metrics();
  const count = (route: string, method: string, status: number) =>
    sample(text, 'http_request_duration_seconds_count', { route, method, status: String(status) });
  expect(count('/sagas/:id', 'GET', 200)).toBeGreaterThan(0);
  expect(count('/sagas/:id', 'GET', 404)).toBe(1);
  expect(count('none', 'GET', 404)).toBe(1);
  expect(text).toMatch(
    /http_request_duration_seconds_count\{method="POST",route="\/sagas\/[^"]+",status="202"\} 1/,
  );
  expect(text).not.toMatch(anId);
});

test('the gauges count the sagas in each state', async () => {
  expect(await gauge('waiting')).toBe(0);
  const [first, second] = await Promise.all([waitingSaga(system), waitingSaga(system)]);
  await untilGauge('waiting', 2);
  await system.handle(origination, first).terminate('by hand');
  await untilGauge('parked', 1);
  await untilGauge('waiting', 1);
  await system.handle(origination, second).cancel();
  for (const state of ['waiting', 'running', 'compensating']) await untilGauge(state, 0);
});

test('a saga whose unwinder is terminated as well stays among the parked ones until that is reset', async () => {
  const parked = (await gauge('parked')) ?? 0;
  const id = await waitingSaga(system);
  await system.handle(origination, id).terminate('by hand');
  await untilGauge('parked', parked + 1);
  const unwinder = unwinderOf(system, id);
  const firstTask = await firstTaskOf(system, id);
  await unwinder.terminate('also by hand');
  await untilIndexed(system, `unwind-${id}`, 'Terminated');
  await untilGauge('parked', parked + 1);
  await resetAt(system.temporal.client, { workflowId: `unwind-${id}` }, firstTask);
  await unwinder.signal('compensate', { by: 'olga', reason: 'over' });
  await system.untilEnded(id);
  await untilGauge('parked', parked);
});

test('a saga that is reset after it was terminated is no longer parked, though its unwinder is', async () => {
  const parked = (await gauge('parked')) ?? 0;
  const id = await waitingSaga(system);
  await system.handle(origination, id).terminate('by hand');
  await untilGauge('parked', parked + 1);
  await resetToBefore(system, `${origination}-${id}`, 'submit-application');
  await untilGauge('waiting', 1);
  await untilGauge('parked', parked);
  expect((await unwinderOf(system, id).describe()).status.name).toBe('RUNNING');
  await system.handle(origination, id).cancel();
  await system.untilEnded(id);
});

test('choreographed sagas count as well', async () => {
  const shop = shopOf(system);
  const parked = (await gauge('parked')) ?? 0;
  const fault = { step: 'create-payment', op: 'do', at: 'before', do: 'error' } as const;
  system.config.failpoints.push(fault);
  const id = await shop.choreograph([await shop.product(), 1]);
  await untilGauge('running', 1);
  await system.rest('relay');
  await system.sql.unwind`update choreography set parked_at = now() where saga_id = ${id}`;
  await untilGauge('parked', parked + 1);
  expect(await gauge('running')).toBe(0);
  system.config.failpoints.splice(0);
  await system.work('relay');
  await system.untilEnded(id);
  await untilGauge('parked', parked);
});

test('the age of the oldest compensating saga counts from when it began to unwind, not from its start', async () => {
  const age = async () => sample(await scrape(), 'unwind_oldest_compensation_age_seconds');
  expect(await age()).toBe(0);
  const id = await system.start(origination, referred());
  await system.untilState(id, 'waiting');
  system.config.failpoints.push({
    saga: id,
    step: 'submit-application',
    op: 'undo',
    at: 'before',
    do: 'error',
  });
  const cancelledAt = Date.now();
  await system.handle(origination, id).cancel();
  await untilGauge('compensating', 1);
  await expect.poll(age, { timeout: 10_000, interval: 50 }).toBeGreaterThan(0);
  const told = (await age()) ?? 0;
  expect(told).toBeLessThan((Date.now() - cancelledAt) / 1_000);
  system.config.failpoints.pop();
  await system.untilEnded(id);
  await expect.poll(age, { timeout: 10_000, interval: 50 }).toBe(0);
});

test('while Temporal is down or does not respond, the gauges are absent and the error is counted', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const port = portOf(silent);
  for (const address of ['127.0.0.1:1', `127.0.0.1:${port}`]) {
    const metrics = new Registry();
    const temporal = createTemporalClient({ address }, 'default');
    const since = performance.now();
    const read = sagaGauges(metrics, { temporal, registry, logger });
    await Promise.all([read(), read()]);
    expect(performance.now() - since).toBeLessThan(10_000);
    const text = await metrics.metrics();
    expect(sample(text, 'unwind_scrape_errors_total')).toBe(1);
    expect(sample(text, 'unwind_sagas', { state: 'waiting' })).toBeUndefined();
    expect(sample(text, 'unwind_oldest_compensation_age_seconds')).toBeUndefined();
    await temporal.connection.close();
  }
  silent.close();
});
