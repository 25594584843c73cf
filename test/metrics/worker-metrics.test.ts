import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../scripts/stack/ports.ts';
import { untilUnwinder, unwinderOf } from '../support/left-behind.ts';
import { shopOf } from '../support/shop.ts';
import { type System, startSystem } from '../support/system.ts';
import { anId, sample, typesOf } from './samples.ts';

let system: System;
let url: string;
beforeAll(async () => {
  const workerMetricsPort = await freePort();
  url = `http://127.0.0.1:${workerMetricsPort}/metrics`;
  system = await startSystem({ workerMetricsPort });
});
afterAll(() => system.end());

const scrape = async () => (await fetch(url)).text();

const application = (loan_amount: number, email: string) => ({
  customer: { name: 'Ada', email },
  loan_amount,
  property_value: 2 * loan_amount,
  interest_rate: 4,
  term_years: 30,
  annual_income: loan_amount,
});

test('sagas are counted by type when they start, and by outcome when they end', async () => {
  const ends = [
    system.start('mortgage-origination', application(100_000, 'granted@example.com')),
    system.start('mortgage-origination', application(3_000_000, 'refused@example.com')),
    system.start('rehearsal', {}),
  ].map(async (id) => system.untilEnded(await id));
  const states = (await Promise.all(ends)).map(({ state }) => state);
  expect(states).toEqual(['completed', 'compensated', 'completed']);

  const text = await scrape();
  const type = 'mortgage-origination';
  expect(sample(text, 'unwind_sagas_started_total', { type })).toBe(2);
  expect(sample(text, 'unwind_sagas_started_total', { type: 'rehearsal' })).toBe(1);
  expect(sample(text, 'unwind_sagas_ended_total', { type, outcome: 'completed' })).toBe(1);
  expect(sample(text, 'unwind_sagas_ended_total', { type, outcome: 'compensated' })).toBe(1);
});

test('steps are measured by service, step, op and outcome', async () => {
  const text = await scrape();
  const step = { service: 'loan', step: 'book-loan' };
  const seconds = 'unwind_step_duration_seconds';
  expect(sample(text, `${seconds}_count`, { ...step, op: 'do', outcome: 'done' })).toBe(1);
  expect(sample(text, `${seconds}_count`, { ...step, op: 'do', outcome: 'refused' })).toBe(1);
  expect(sample(text, `${seconds}_count`, { ...step, op: 'undo', outcome: 'nothing-to-undo' })).toBe(1);
  const sum = sample(text, `${seconds}_sum`, { ...step, op: 'do', outcome: 'done' });
  expect(sum).toBeGreaterThan(0);
  expect(sum).toBeLessThan(5);
});

test('steps of a choreographed saga are measured alike, and how long its events took', async () => {
  const shop = shopOf(system);
  await system.untilEnded(await shop.choreograph([await shop.product(), 1]));
  const step = { service: 'payment', step: 'create-payment', op: 'do', outcome: 'done' };
  const delay = 'unwind_event_delay_seconds';
  await expect
    .poll(async () => sample(await scrape(), `${delay}_count`, { event: 'delivery.scheduled' }))
    .toBe(1);
  const text = await scrape();
  expect(sample(text, 'unwind_step_duration_seconds_count', step)).toBe(1);
  expect(sample(text, `${delay}_sum`, { service: 'order', event: 'order.created' })).toBeLessThan(30);
});

test('an event that the clock of its database dates later than ours is measured as delivered at once', async () => {
  const event = { service: 'order', event: 'order.created' };
  const count = async () => sample(await scrape(), 'unwind_event_delay_seconds_count', event) ?? 0;
  const [before, shop] = [await count(), shopOf(system)];
  await system.rest('relay');
  const id = await shop.choreograph([await shop.product(), 1]);
  await system.sql.order`update saga_outbox set created_at = now() + interval '1 hour' where saga_id = ${id}`;
  await system.work('relay');
  await system.untilEnded(id);
  await expect.poll(count).toBe(before + 1);
});

test('a retried step counts each attempt, and at its end their number', async () => {
  system.config.failpoints.push({ step: 'visit-loan', op: 'do', at: 'before', do: 'error', times: 2 });
  await system.untilEnded(await system.start('rehearsal', {}));
  const text = await scrape();
  const step = { service: 'loan', step: 'visit-loan', op: 'do' };
  expect(sample(text, 'unwind_step_duration_seconds_count', { ...step, outcome: 'failed' })).toBe(2);
  const attempts = (le: string) =>
    sample(text, 'unwind_step_attempts_bucket', { ...step, outcome: 'done', le });
  expect([attempts('1'), attempts('2'), attempts('3')]).toEqual([1, 1, 2]);
});

test('a replayed history counts nothing again', async () => {
  const { annual_income: _, ...referred } = application(100_000, 'referred@example.com');
  const id = await system.start('mortgage-origination', referred);
  await system.untilState(id, 'waiting');
  const type = 'mortgage-origination';
  const started = async () => sample(await scrape(), 'unwind_sagas_started_total', { type });
  const before = await started();
  await system.rest('sagas');
  await system.work('sagas');
  await system.handle(type, id).signal('decide', { approved: true, by: 'uma', reason: 'known' });
  expect((await system.untilEnded(id)).state).toBe('completed');
  expect(await started()).toBe(before);
});

test('a terminated saga whose pivot had committed is counted as completed, once it is resolved', async () => {
  const fault = { step: 'activate-loan', op: 'do', at: 'before', do: 'error' } as const;
  system.config.failpoints.push(fault);
  const type = 'mortgage-origination';
  const id = await system.start(type, application(100_000, 'resolved@example.com'));
  const tries = async () => (await system.get(id)).timeline.map(({ step }) => step);
  await expect.poll(tries, { timeout: 20_000 }).toContain('activate-loan');
  await system.handle(type, id).terminate('by hand');
  await untilUnwinder(system, id);
  system.config.failpoints.length = 0;
  await unwinderOf(system, id).signal('resolve', { by: 'olga', reason: 'paid out' });
  expect((await system.untilEnded(id)).state).toBe('completed');
  const byUnwinder = { type, outcome: 'completed', workflowType: 'unwind' };
  expect(sample(await scrape(), 'unwind_sagas_ended_total', byUnwinder)).toBe(1);
});

test('one endpoint has the metrics of Temporal too; names and units are those of Prometheus; no label is an id', async () => {
  const text = await scrape();
  const types = typesOf(text);
  expect(types.get('temporal_activity_execution_latency_seconds')).toBe('histogram');
  expect([...types.keys()].filter((name) => name.startsWith('unwind_')).toSorted()).toEqual([
    'unwind_event_delay_seconds',
    'unwind_sagas_ended_total',
    'unwind_sagas_started_total',
    'unwind_step_attempts',
    'unwind_step_duration_seconds',
  ]);
  for (const [name, type] of types) {
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
    expect(name).not.toMatch(/milli|_ms$/);
  }
  expect(text).not.toMatch(anId);
});
