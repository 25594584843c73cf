import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { granted, heal, nothing, originate, rowsOf, undosOf } from '../support/originations.ts';
import { resetAt } from '../support/reset.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';

/** Locks of what was settled by hand are swept. */
const sweeping = { timeout: 20_000, interval: 200 };

let system: System;
beforeAll(async () => {
  system = await startSystem({ workflows: 'quick', sweepLocksEveryMs: 1_000 });
});
afterAll(() => system.end());

const refusedSubmission = { step: 'submit-application', op: 'do', at: 'before', do: 'refuse' } as const;
const refusedBooking = { step: 'book-loan', op: 'do', at: 'before', do: 'refuse' } as const;

async function parked(...faults: Parameters<typeof originate>[1] & object) {
  const id = await originate(system, faults);
  return { id, saga: await system.untilState(id, 'parked') };
}

const order = (id: string, action: string, body: object = {}) => system.command(id, action, body);

const query = (id: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: the CLI gets JSON as well
  system.handle('mortgage-origination', id).query<any>('saga');

describe('a step that can be corrected', () => {
  test('is parked when refused: state, step, timeline, query and possible orders say so', async () => {
    const { id, saga } = await parked(refusedSubmission);
    expect(saga).toMatchObject({ state: 'parked', step: 'submit-application' });
    expect(stepsOf(saga)).toEqual(['do register-customer done', 'do submit-application parked']);
    expect(saga.errors.execution).toMatchObject([
      { step: 'submit-application', op: 'do', type: 'refused', message: 'failpoint before', attempts: 1 },
    ]);
    expect((await query(id)).parked).toMatchObject([
      { step: 'submit-application', op: 'do', generation: 1, possible: ['retry', 'correct', 'compensate'] },
    ]);
    expect(saga.timeline.filter((entry) => 'event' in entry)).toMatchObject([
      { event: 'alert', step: 'submit-application', op: 'do', error: 'failpoint before' },
    ]);
  });

  test('is parked when its attempts are spent', async () => {
    const { saga } = await parked({ ...refusedSubmission, do: 'error' });
    expect(saga.errors.execution).toMatchObject([{ type: 'failed', attempts: 2 }]);
  });

  test('goes on after retry, and nothing is left of the error', async () => {
    const { id } = await parked(refusedSubmission);
    heal(system, id);
    expect(await order(id, 'retry')).toMatchObject({ status: 200, body: { state: 'running' } });
    const saga = await system.untilEnded(id);
    expect(saga).toMatchObject({ state: 'completed', errors: { execution: [], compensation: [] } });
    expect(saga.timeline).toContainEqual(
      expect.objectContaining({
        event: 'operator',
        action: 'retry',
        step: 'submit-application',
        by: 'admin',
        reason: 'seen to',
      }),
    );
    expect(await rowsOf(system, id)).toEqual(granted);
  });

  test('is parked again when the retry fails, and alerts once', async () => {
    const { id } = await parked(refusedSubmission);
    await order(id, 'retry');
    await expect.poll(async () => (await query(id)).parked.length, { timeout: 10_000 }).toBe(1);
    const { timeline } = await system.get(id);
    expect(timeline.filter((entry) => 'event' in entry && entry.event === 'alert')).toHaveLength(1);
  });

  test('corrected: the first try is fenced, the second generation runs, later steps see it', async () => {
    const { id } = await parked({ ...refusedSubmission, attempt: 1, times: 1 });
    expect(await order(id, 'correct', { input: { loan_amount: 400_000 } })).toMatchObject({ status: 200 });
    const saga = await system.untilEnded(id);
    expect(saga).toMatchObject({ state: 'completed', errors: { execution: [], compensation: [] } });
    const submissions = saga.timeline.flatMap((t) =>
      'status' in t && t.step === 'submit-application'
        ? [`${t['op']} ${t['generation']} ${t['status']}`]
        : [],
    );
    expect(submissions).toEqual(['do 1 refused', 'undo 1 nothing-to-undo', 'do 2 done']);
    expect(await rowsOf(system, id)).toEqual({ ...granted, entries: [400_000, -400_000] });
  });

  test('corrected after it had committed: what it did is undone first', async () => {
    const { id } = await parked({ ...refusedSubmission, at: 'after_commit', times: 1 });
    await order(id, 'correct', { input: { term_years: 25 } });
    const saga = await system.untilEnded(id);
    expect(saga.state).toBe('completed');
    expect(undosOf(saga)).toEqual(['submit-application done']);
    expect((await rowsOf(system, id)).applications).toEqual(['withdrawn', 'approved']);
  });

  test('corrected, and a later step is refused: what its second generation did is undone', async () => {
    const { id } = await parked({ ...refusedSubmission, attempt: 1, times: 1 }, refusedBooking);
    await order(id, 'correct', { input: { loan_amount: 400_000 } });
    expect((await system.untilEnded(id)).state).toBe('compensated');
    expect(await rowsOf(system, id)).toEqual({ ...nothing, applications: ['withdrawn'] });
  });

  test('given up: the saga unwinds, and both reasons are kept', async () => {
    const { id } = await parked(refusedSubmission);
    expect(await order(id, 'compensate', { reason: 'the customer left' })).toMatchObject({
      status: 200,
      body: { state: 'compensating' },
    });
    const saga = await system.untilEnded(id);
    expect(saga.state).toBe('compensated');
    expect(saga.errors.execution).toMatchObject([
      { step: 'submit-application', type: 'refused' },
      { step: null, op: null, type: 'given-up', message: 'admin: the customer left' },
    ]);
    expect(stepsOf(saga)).toContain('do submit-application refused');
    expect(undosOf(saga)).toEqual(['submit-application nothing-to-undo', 'register-customer done']);
    expect(await rowsOf(system, id)).toEqual(nothing);
  });

  test('is unwound by a cancel', async () => {
    const { id } = await parked(refusedSubmission);
    await system.handle('mortgage-origination', id).cancel();
    const saga = await system.untilEnded(id);
    expect(saga.state).toBe('cancelled');
    expect(saga.errors.execution.map(({ type }) => type)).toEqual(['refused', 'cancelled']);
    expect(await rowsOf(system, id)).toEqual(nothing);
  });

  test('is unwound by the deadline', async () => {
    const id = await originate(system, [refusedSubmission], { deadline: 'PT8S' });
    const saga = await system.untilEnded(id);
    expect(saga.state).toBe('compensated');
    expect(saga.errors.execution.map(({ type }) => type)).toEqual(['refused', 'deadline']);
    expect(await rowsOf(system, id)).toEqual(nothing);
  });
});

describe('a parked compensation', () => {
  const failingUndo = { step: 'submit-application', op: 'undo', at: 'before', do: 'error' } as const;

  test('does not hold up the rest of the stack; retried, the saga is compensated', async () => {
    const { id, saga } = await parked(refusedBooking, failingUndo);
    await expect
      .poll(async () => undosOf(await system.get(id)), { timeout: 10_000 })
      .toContain('register-customer done');
    expect(undosOf(await system.get(id))).toContain('submit-application parked');
    expect(saga.errors.compensation).toMatchObject([{ step: 'submit-application', op: 'undo', attempts: 2 }]);
    heal(system, id);
    expect(await order(id, 'retry')).toMatchObject({ status: 200, body: { state: 'compensating' } });
    const ended = await system.untilEnded(id);
    expect(ended).toMatchObject({ state: 'compensated', errors: { compensation: [] } });
    expect(await rowsOf(system, id)).toEqual({
      ...nothing,
      applications: ['withdrawn'],
      loans: [],
    });
  });

  test('resolved by hand: it is fenced, nothing is reversed, the saga has failed and says who said so', async () => {
    const { id } = await parked(refusedBooking, failingUndo);
    expect(await order(id, 'resolve', { reason: 'withdrawn on paper' })).toMatchObject({ status: 200 });
    const saga = await system.untilEnded(id);
    expect(saga.state).toBe('failed');
    expect(undosOf(saga)).toContain('submit-application resolved');
    expect(saga.errors.compensation).toMatchObject([
      {
        step: 'submit-application',
        op: 'undo',
        resolved: { by: 'admin', reason: 'withdrawn on paper', at: expect.any(String) },
      },
    ]);
    await expect.poll(async () => (await rowsOf(system, id)).applications, sweeping).toEqual(['pending']);
    await expect(system.handle('mortgage-origination', id).result()).rejects.toMatchObject({
      cause: { type: 'SagaFailed', details: [{ execution: [{}], compensation: [{ resolved: {} }] }] },
    });
    const rows = await system.sql.mortgage`
      select op, written_by, result from saga_step where saga_id = ${id} and step = 'submit-application' and op = 'undo'`;
    expect(rows).toEqual([{ op: 'undo', written_by: 'undo', result: 'resolved' }]);
  });

  test('two of them: a command must name the step', async () => {
    const { id } = await parked(refusedBooking, failingUndo, {
      ...failingUndo,
      step: 'approve-application',
    });
    await expect.poll(async () => (await query(id)).parked.length, { timeout: 10_000 }).toBe(2);
    const { status, body } = await order(id, 'retry');
    expect(status).toBe(409);
    expect(body.possible).toContainEqual({ action: 'retry', step: 'submit-application' });
    heal(system, id);
    await order(id, 'retry', { step: 'approve-application' });
    await order(id, 'retry', { step: 'submit-application' });
    expect((await system.untilEnded(id)).state).toBe('compensated');
  });

  test('goes on after a reset to the moment before', async () => {
    const { id } = await parked(refusedBooking, failingUndo);
    const workflowId = `mortgage-origination-${id}`;
    await expect
      .poll(async () => undosOf(await system.get(id)), { timeout: 10_000 })
      .toContain('register-customer done');
    const { client } = system.temporal;
    const { events = [] } = await client.workflow.getHandle(workflowId).fetchHistory();
    const task = events?.findLast((event) => event.workflowTaskCompletedEventAttributes);
    heal(system, id);
    await resetAt(client, { workflowId }, task);
    await expect.poll(async () => (await order(id, 'retry')).status, { timeout: 20_000 }).toBe(200);
    expect((await system.untilEnded(id)).state).toBe('compensated');
    expect((await rowsOf(system, id)).applications).toEqual(['withdrawn']);
  });

  test('that waits for another one says so', async () => {
    const { id } = await parked(refusedBooking, { ...failingUndo, step: 'approve-application' });
    await expect.poll(async () => (await query(id)).parked.length, { timeout: 10_000 }).toBe(2);
    expect((await system.get(id)).errors.compensation).toContainEqual(
      expect.objectContaining({ step: 'submit-application', message: 'the application is not pending' }),
    );
    heal(system, id);
    await order(id, 'retry', { step: 'approve-application' });
    await expect.poll(async () => (await query(id)).parked.length, { timeout: 10_000 }).toBe(1);
    await expect
      .poll(async () => undosOf(await system.get(id)), { timeout: 10_000 })
      .toContain('approve-application done');
    await order(id, 'retry', { step: 'submit-application' });
    expect((await system.untilEnded(id)).state).toBe('compensated');
  });

  test('cannot be cancelled or given up', async () => {
    const { id } = await parked(refusedBooking, failingUndo);
    await system.handle('mortgage-origination', id).cancel();
    expect((await order(id, 'compensate')).status).toBe(409);
    heal(system, id);
    await order(id, 'retry');
    expect((await system.untilEnded(id)).state).toBe('compensated');
  });
});

describe('past the pivot a step that fails', () => {
  const failing = { step: 'activate-loan', op: 'do', at: 'before', do: 'refuse' } as const;

  test('is parked, and goes on after retry', async () => {
    const { id } = await parked(failing);
    heal(system, id);
    await order(id, 'retry');
    expect((await system.untilEnded(id)).state).toBe('completed');
    expect(await rowsOf(system, id)).toEqual(granted);
  });

  test('is resolved by hand: it is fenced, and the saga completes and names it', async () => {
    const { id } = await parked(failing);
    await order(id, 'resolve', { reason: 'activated by hand' });
    const saga = await system.untilEnded(id);
    expect(saga.state).toBe('completed');
    expect(saga.errors.execution).toMatchObject([{ step: 'activate-loan', resolved: { by: 'admin' } }]);
    await expect.poll(async () => (await rowsOf(system, id)).loans, sweeping).toEqual(['booked']);
    const rows = await system.sql.loan`
      select op, written_by from saga_step where saga_id = ${id} and step = 'activate-loan'`;
    expect(rows).toEqual([{ op: 'do', written_by: 'undo' }]);
  });

  test('cannot be given up, and a cancel is recorded and changes nothing', async () => {
    const { id } = await parked(failing);
    const { status, body } = await order(id, 'compensate');
    expect(status).toBe(409);
    expect(body.possible).toEqual([
      { action: 'retry', step: 'activate-loan' },
      { action: 'resolve', step: 'activate-loan' },
    ]);
    await system.handle('mortgage-origination', id).cancel();
    heal(system, id);
    await order(id, 'retry');
    const saga = await system.untilEnded(id);
    expect(saga.state).toBe('completed');
    expect(saga.timeline).toContainEqual(expect.objectContaining({ event: 'cancel-requested' }));
  });
});

describe('a command', () => {
  test('with an id counts once, also when it is sent again after the end; the id is good for no other', async () => {
    const { id } = await parked(refusedSubmission);
    heal(system, id);
    const sent = { id: 'order-1', reason: 'seen to' };
    expect((await order(id, 'retry', sent)).status).toBe(200);
    await system.untilEnded(id);
    expect(await order(id, 'retry', sent)).toMatchObject({ status: 200, body: { state: 'completed' } });
    for (const other of [{ reason: 'other' }, { step: 'book-loan' }])
      expect((await order(id, 'retry', { ...sent, ...other })).status).toBe(409);
    const { timeline } = await system.get(id);
    expect(timeline.filter((entry) => 'event' in entry && entry.event === 'operator')).toHaveLength(1);
  });

  test('to correct, sent again after the end with other values, is 409 and not the one that was carried out', async () => {
    const { id } = await parked({ ...refusedSubmission, attempt: 1, times: 1 });
    const sent = { id: 'order-4', reason: 'seen to', input: { loan_amount: 400_000 } };
    expect((await order(id, 'correct', sent)).status).toBe(200);
    await system.untilEnded(id);
    expect((await order(id, 'correct', sent)).status).toBe(200);
    expect((await order(id, 'correct', { ...sent, input: { loan_amount: 500_000 } })).status).toBe(409);
  });

  test('counts once under an Idempotency-Key, too; an id in the body goes before it', async () => {
    const { id } = await parked(refusedSubmission);
    const send = (body: object, key: string) =>
      system.call('POST', `/sagas/${id}/retry`, body, { 'idempotency-key': key });
    expect(await send({ reason: 'seen to' }, '')).toMatchObject({ status: 422 });
    expect(await send({ reason: 'seen to' }, 'key-1')).toMatchObject({ status: 200 });
    expect(await send({ reason: 'seen to' }, 'key-1')).toMatchObject({ status: 200 });
    await expect.poll(async () => (await query(id)).parked.length, { timeout: 10_000 }).toBe(1);
    expect((await send({ reason: 'other' }, 'key-1')).body.errors).toMatchObject([{ pointer: '/id' }]);
    heal(system, id);
    expect(await send({ reason: 'other', id: 'order-5' }, 'key-1')).toMatchObject({ status: 200 });
    const { timeline } = await system.untilEnded(id);
    const ids = timeline.flatMap((entry) => ('action' in entry ? [entry['id']] : []));
    expect(ids).toEqual([expect.stringMatching(/^[\da-f-]{36}$/), 'order-5']);
  });

  test('with an id that was used for another command is 422', async () => {
    const { id } = await parked(refusedSubmission);
    await order(id, 'retry', { id: 'order-2' });
    await expect.poll(async () => (await query(id)).parked.length, { timeout: 10_000 }).toBe(1);
    expect((await order(id, 'compensate', { id: 'order-2' })).body).toMatchObject({
      status: 422,
      errors: [{ pointer: '/id' }],
    });
  });

  test.each([
    ['no field', {}, '/input'],
    ['a field that is not declared', { customer_id: crypto.randomUUID() }, '/input/customer_id'],
    ['a value of the wrong kind', { loan_amount: -5 }, '/input/loan_amount'],
  ])('to correct %s is 422 and names it', async (_, input, pointer) => {
    const { id } = await parked(refusedSubmission);
    const { status, body } = await order(id, 'correct', { input });
    expect(status).toBe(422);
    expect(body.errors[0].pointer).toBe(pointer);
  });

  test('that is not possible now is 409 and says what is', async () => {
    const id = await originate(system, [], { annual_income: undefined });
    await system.untilState(id, 'waiting');
    const { status, body } = await order(id, 'retry');
    expect(status).toBe(409);
    expect(body.possible).toEqual([{ action: 'compensate', step: null }]);
    const givenUp = await order(id, 'compensate', { id: 'order-1' });
    expect([givenUp.status, givenUp.body]).toEqual([200, { state: 'compensating' }]);
    expect((await system.untilEnded(id)).state).toBe('compensated');
    expect((await order(id, 'compensate')).status).toBe(409);
  });

  test('for a saga that does not exist is 404, without a reason 422', async () => {
    expect((await order(crypto.randomUUID(), 'retry')).status).toBe(404);
    const id = await originate(system);
    expect((await system.call('POST', `/sagas/${id}/retry`, {})).status).toBe(422);
    await system.untilEnded(id);
  });

  test('by signal counts as well; a malformed or impossible one is ignored and on the timeline', async () => {
    const { id } = await parked(refusedSubmission);
    const handle = system.handle('mortgage-origination', id);
    await handle.signal('retry', { by: '' });
    await handle.signal('resolve', { by: 'olga', reason: 'why not' });
    heal(system, id);
    await handle.signal('retry', { by: 'olga', reason: 'the service is back' });
    const saga = await system.untilEnded(id);
    expect(saga.state).toBe('completed');
    const events = saga.timeline.filter((entry) => 'event' in entry && entry.event !== 'alert');
    expect(events).toMatchObject([
      { event: 'ignored-signal', signal: 'retry', why: 'malformed' },
      {
        event: 'ignored-signal',
        signal: 'resolve',
        why: 'not-possible',
        detail: expect.stringContaining('possible: retry submit-application'),
      },
      { event: 'operator', action: 'retry', by: 'olga', reason: 'the service is back' },
    ]);
  });

  test('while no worker answers is 503, and works when it is sent again', async () => {
    const { id } = await parked(refusedSubmission);
    heal(system, id);
    await system.rest('sagas');
    const sent = { id: 'order-3' };
    const unanswered = await system.call('POST', `/sagas/${id}/retry`, { reason: 'seen to', ...sent });
    expect(unanswered.status).toBe(503);
    await system.work('sagas');
    expect((await order(id, 'retry', sent)).status).toBe(200);
    expect((await system.untilEnded(id)).state).toBe('completed');
  }, 30_000);
});
