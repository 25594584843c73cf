import { randomUUID } from 'node:crypto';
import {
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTemporalClient, readSaga } from '../../src/api/temporal.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { doStep } from '../../src/guard/guard.ts';
import { registerCustomer } from '../../src/services/customer/register-customer.ts';
import { atLeast } from '../support/at-least.ts';
import { application, nothing, referred, rowsOf } from '../support/originations.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

async function waitingSaga() {
  const id = await system.start('mortgage-origination', referred());
  await system.untilState(id, 'waiting');
  return id;
}

const decide = (id: string, body: object) => system.command(id, 'decision', body);
const yes = { approved: true, reason: 'known to us' };

describe('a correction', () => {
  test('that is nested too deep is 422', async () => {
    const deep = `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`;
    const response = await system.app.request(`/sagas/${crypto.randomUUID()}/correct`, {
      method: 'POST',
      body: `{"reason":"x","input":${deep}}`,
      headers: { 'content-type': 'application/json' },
    });
    expect(await response.json()).toMatchObject({ status: 422, errors: [{ pointer: '/input' }] });
  });
});

describe('GET /sagas/{id}', () => {
  test('answers state, step, input, result, errors, timeline and links', async () => {
    const id = await waitingSaga();
    const saga = await system.get(id);
    expect(Object.keys(saga)).toEqual([
      'saga_id',
      'type',
      'state',
      'step',
      'input',
      'result',
      'errors',
      'timeline',
      'links',
    ]);
    expect(saga).toMatchObject({
      state: 'waiting',
      step: 'assess-application',
      result: null,
      input: { loan_amount: 500_000 },
    });
    expect(saga.timeline[0]).toEqual({
      seq: expect.any(Number),
      step: 'register-customer',
      op: 'do',
      generation: 1,
      status: 'done',
      attempt: 1,
      started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      finished_at: expect.stringMatching(/Z$/),
      error: null,
    });
  });

  test('answers with no worker running, and the saga goes on when they are back', async () => {
    await system.rest('loan');
    const id = await system.start('rehearsal', {});
    await expect
      .poll(async () => stepsOf(await system.get(id)), { interval: 20, timeout: 10_000 })
      .toContain('do visit-loan running');
    await system.rest('sagas', 'customer', 'mortgage');
    expect(await system.get(id)).toMatchObject({ state: 'running', step: 'visit-loan' });
    await system.work('sagas', 'customer', 'mortgage', 'loan');
    expect((await system.untilEnded(id)).state).toBe('completed');
  });

  test('shows the attempt and the error of a step that is being tried again', async () => {
    system.config.failpoints.push({ step: 'visit-mortgage', op: 'do', at: 'before', do: 'error' });
    const id = await system.start('rehearsal', {});
    const retried = async () =>
      (await system.get(id)).timeline.find((entry) => 'step' in entry && entry.step === 'visit-mortgage');
    await expect
      .poll(retried)
      .toMatchObject({ status: 'running', attempt: atLeast(3), error: 'failpoint before' });
    system.config.failpoints.length = 0;
    expect((await system.untilEnded(id)).errors).toEqual({ execution: [], compensation: [] });
  });

  test('costs Temporal two questions', async () => {
    const id = await waitingSaga();
    const asked: string[] = [];
    const { namespace, connection } = system.config.temporal;
    const { address } = connection;
    const retry = makeGrpcRetryInterceptor(defaultGrpcRetryOptions());
    const count: NonNullable<ConnectionOptions['interceptors']>[number] = (options, next) => {
      asked.push(options.method_definition.path.split('/').at(-1) ?? '');
      return retry(options, next);
    };
    const temporal = createTemporalClient({ address, interceptors: [count] }, namespace);
    expect(await readSaga(temporal, 'mortgage-origination', id)).toMatchObject({ state: 'waiting' });
    await temporal.connection.close();
    expect(asked.sort()).toEqual(['DescribeWorkflowExecution', 'GetWorkflowExecutionHistory']);
  });

  test('of an unknown id is 404, of a bad one 400', async () => {
    expect((await system.call('GET', `/sagas/${randomUUID()}`)).status).toBe(404);
    expect((await system.call('GET', '/sagas/7')).status).toBe(400);
  });

  test('of a saga that was accepted and never started says what to do', async () => {
    const id = randomUUID();
    await system.sql
      .unwind`insert into saga (id, type, caller, key, body_hash) values (${id}, 'rehearsal', 'admin', 'k', 'h')`;
    const { status, body } = await system.call('GET', `/sagas/${id}`);
    expect(status).toBe(404);
    expect(body.detail).toContain('send its POST again');
  });

  test('of a step that ran before with another input says conflict, and what it did then is undone', async () => {
    const saga_id = randomUUID();
    const input = application().customer;
    const call = { saga_id, step: 'register-customer', generation: 1, position: 0, input };
    const database = openDatabase(system.databases.customer);
    await doStep(database, registerCustomer, call);
    await database.end();
    await system.call('POST', '/start', { saga_id, type: 'mortgage-origination', ...application() });
    const saga = await system.untilEnded(saga_id);
    expect(saga.state).toBe('compensated');
    expect(saga.errors.execution).toMatchObject([
      { step: 'register-customer', op: 'do', type: 'conflict', message: 'ran before with another input' },
    ]);
    expect(stepsOf(saga)).toEqual(['do register-customer failed', 'undo register-customer done']);
    expect(await rowsOf(system, saga_id)).toEqual(nothing);
  });

  test('of a terminated saga with effects left is parked, and says terminated', async () => {
    const id = await waitingSaga();
    await system.handle('mortgage-origination', id).terminate('by hand');
    const saga = await system.get(id);
    expect(saga.state).toBe('parked');
    expect(saga.errors.execution).toMatchObject([{ type: 'terminated', message: 'by hand' }]);
  });
});

describe('POST /sagas/{id}/decision', () => {
  test('is taken, and the saga goes on', async () => {
    const id = await waitingSaga();
    const { status, body } = await decide(id, { id: 'd0', ...yes });
    expect(status).toBe(200);
    expect(body).toEqual({ saga_id: id, decision: { id: 'd0', ...yes, by: 'admin' } });
    expect((await system.untilEnded(id)).state).toBe('completed');
  });

  test('that lacks a field, or has one of another type, is told so', async () => {
    const { status, body } = await system.call('POST', `/sagas/${crypto.randomUUID()}/decision`, {
      approved: 1,
    });
    const errors = [
      { pointer: '/approved', detail: 'must be of type boolean' },
      { pointer: '/reason', detail: 'is missing' },
    ];
    expect([status, body]).toMatchObject([422, { errors }]);
  });

  test('comes a second time: 409 with the standing decision, also when the saga has ended', async () => {
    const id = await waitingSaga();
    const [first, second] = await Promise.all([
      decide(id, yes),
      decide(id, { approved: false, reason: 'no' }),
    ]);
    expect([first.status, second.status].sort()).toEqual([200, 409]);
    const [taken, refused] = first.status === 200 ? [first, second] : [second, first];
    expect(refused.body).toMatchObject({ decision: taken.body.decision, state: expect.any(String) });
    await system.untilEnded(id);
    const late = await decide(id, yes);
    expect(late.status).toBe(409);
    expect(late.body).toMatchObject({ decision: taken.body.decision, state: 'completed' });
  });

  test('sent again under its own id is the same decision', async () => {
    const id = await waitingSaga();
    const first = await decide(id, { id: 'd1', ...yes });
    await system.untilEnded(id);
    expect(first.status).toBe(200);
    const again = await decide(id, { id: 'd1', ...yes });
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect((await decide(id, { id: 'd1', ...yes, approved: false })).status).toBe(409);
  });

  test('sent again under its Idempotency-Key is the same decision', async () => {
    const id = await waitingSaga();
    const send = () => system.call('POST', `/sagas/${id}/decision`, yes, { 'idempotency-key': 'k1' });
    const first = await send();
    expect(first).toMatchObject({ status: 200, body: { decision: { approved: true, by: 'admin' } } });
    expect(await send()).toMatchObject({ status: 200, body: first.body });
    await system.untilEnded(id);
    expect(await send()).toMatchObject({ status: 200, body: first.body });
  });

  test('for a saga that awaits none is 409, malformed 422, for an unknown saga 404', async () => {
    const id = await system.start('rehearsal', {});
    await system.untilEnded(id);
    expect(await decide(id, yes)).toMatchObject({ status: 409, body: { state: 'completed' } });
    await system.rest('loan');
    const running = await system.start('rehearsal', {});
    expect(await decide(running, yes)).toMatchObject({ status: 409, body: { state: 'running' } });
    await system.work('loan');
    expect((await decide(id, { approved: 'yes', reason: '' })).body.errors).toMatchObject([
      { pointer: '/approved' },
      { pointer: '/reason' },
    ]);
    expect((await decide(id, { ...yes, by: 'me' })).status).toBe(422);
    expect((await decide(randomUUID(), yes)).status).toBe(404);
  });

  test('with no worker is 503 with Retry-After, and can be sent again', async () => {
    const id = await waitingSaga();
    await system.rest('sagas');
    const path = `/sagas/${id}/decision`;
    const { status, headers, body } = await system.call('POST', path, { id: 'd2', ...yes });
    expect([status, body.detail]).toEqual([503, expect.stringContaining('not completed within 5 s')]);
    expect(headers.get('retry-after')).toBe('5');
    await system.work('sagas');
    expect((await decide(id, { id: 'd2', ...yes })).status).toBe(200);
    expect((await system.untilEnded(id)).state).toBe('completed');
  });
});
