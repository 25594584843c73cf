import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { whichEnded } from '../../src/api/resources/which-ended.ts';
import { originate } from '../support/originations.ts';
import { untilIndexed } from '../support/reset.ts';
import { type Answer, created, moment, person, type Send, sender, uuid } from '../support/resources.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let send: Send;
beforeAll(async () => {
  system = await startSystem();
  send = sender(system.app.request);
});
afterAll(() => system.end());

const create = () => created(send, '/customers', person());
const stored = (email: string) =>
  system.sql.customer`select id, name, email from customer where lower(email) = lower(${email})`;
const shout = (email: string) => email.toUpperCase();

describe('a new customer', () => {
  test('is 201 with the row and its Location', async () => {
    const { name, email } = person();
    const { status, headers, body } = await send('POST', '/customers', { name, email });
    expect(status).toBe(201);
    expect(body).toEqual({ id: uuid, name, email, created_at: moment, modified_at: moment });
    expect(headers.get('location')).toBe(`/customers/${body.id}`);
    expect(headers.get('content-type')).toBe('application/json');
    expect(await stored(email)).toEqual([{ id: body.id, name, email }]);
  });

  test('has its own id and timestamps, whatever the body contains, and no unknown field', async () => {
    const echoed = { id: crypto.randomUUID(), created_at: 'long ago', modified_at: 7, colour: 'red' };
    const row = await created(send, '/customers', { ...person(), ...echoed });
    expect(row.id).not.toBe(echoed.id);
    expect(Object.keys(row).sort()).toEqual(['created_at', 'email', 'id', 'modified_at', 'name']);
    expect(Date.parse(row.created_at)).toBeGreaterThan(Date.parse('2024-01-01'));
  });

  test('with the e-mail address of another, in other letters, is 409 and stores nothing', async () => {
    const { email } = await create();
    const { status, body } = await send('POST', '/customers', { name: 'Ada', email: shout(email) });
    expect(status).toBe(409);
    expect(body.detail).toBe(`there is a customer with the e-mail address ${shout(email)}`);
    expect(body.errors).toEqual([{ pointer: '/email', detail: expect.stringContaining('another customer') }]);
    expect(await stored(email)).toHaveLength(1);
  });

  test('sent twice at once with one e-mail address is 201 and 409, and one row', async () => {
    const { name, email } = person();
    const answers = await Promise.all(
      [email, shout(email)].map((email) => send('POST', '/customers', { name, email })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(await stored(email)).toHaveLength(1);
  });
});

describe('an Idempotency-Key', () => {
  const keyed = (key: string, body: unknown) => send('POST', '/customers', body, { 'idempotency-key': key });

  const named = (name: string) => ({ ...person(), name });

  test('sent twenty times at once makes one customer and one response', async () => {
    const [key, body] = [crypto.randomUUID(), person()];
    const answers = await Promise.all(Array.from({ length: 20 }, () => keyed(key, body)));
    const distinct = new Set(answers.map(({ status, body }) => JSON.stringify([status, body])));
    expect([...distinct]).toEqual([JSON.stringify([201, answers[0]?.body])]);
    expect(await stored(body.email)).toHaveLength(1);
  });

  test('with another body is 422 and stores nothing', async () => {
    const [key, other] = [crypto.randomUUID(), person()];
    await keyed(key, person());
    const { status, body } = await keyed(key, other);
    expect(status).toBe(422);
    expect(body.detail).toContain('Idempotency-Key');
    expect(await stored(other.email)).toHaveLength(0);
  });

  test('of a request that was refused stays usable', async () => {
    const [key, taken] = [crypto.randomUUID(), await create()];
    const body = { name: 'Ada', email: taken.email };
    expect((await keyed(key, body)).status).toBe(409);
    await send('DELETE', `/customers/${taken.id}`);
    expect((await keyed(key, body)).status).toBe(201);
  });

  test('of a customer that was deleted is 409, and nothing of the person is left in the database', async () => {
    const [key, created, changed] = [crypto.randomUUID(), named('Ada Byron'), named('Ada King')];
    const { id } = (await keyed(key, created)).body;
    await send('PUT', `/customers/${id}`, changed);
    expect(await keyed(key, created)).toMatchObject({ status: 201, body: { id, ...created } });
    await send('DELETE', `/customers/${id}`);
    const { status, body } = await keyed(key, created);
    expect([status, body.detail]).toEqual([409, expect.stringContaining('was deleted')]);
    const [dump] = await system.sql.customer`select schema_to_xml('public', false, false, '')::text as xml`;
    expect(dump?.['xml']).toContain(id);
    for (const text of [created, changed].flatMap(Object.values)) expect(dump?.['xml']).not.toContain(text);
    expect((await keyed(crypto.randomUUID(), created)).status).toBe(201);
  });

  test('that is too long is 422, in the same words wherever it is sent', async () => {
    const key = 'k'.repeat(256);
    const { status, body } = await keyed(key, person());
    expect([status, body.errors]).toMatchObject([422, [{ pointer: '/idempotency-key' }]]);
    const other = await system.call('POST', '/sagas/rehearsal', {}, { 'idempotency-key': key });
    expect(other.body).toMatchObject({ status: 422, detail: body.detail, errors: body.errors });
  });
});

describe('a customer', () => {
  test('is read by its id, whatever its letters', async () => {
    const row = await create();
    for (const id of [row.id, shout(row.id)])
      expect(await send('GET', `/customers/${id}`)).toMatchObject({ status: 200, body: row });
  });

  test('is changed by PUT, which returns the new row', async () => {
    const row = await create();
    const changed = { name: 'Ada King', email: person().email };
    const { status, body } = await send('PUT', `/customers/${row.id}`, { ...row, ...changed });
    expect(status).toBe(200);
    expect(body).toEqual({ ...row, ...changed, modified_at: moment });
    expect(await stored(changed.email)).toEqual([{ id: row.id, ...changed }]);
    const later = system.sql
      .customer`select 1 from customer where id = ${row.id} and modified_at > created_at`;
    expect(await later).toHaveLength(1);
  });

  test('keeps what it has when PUT wants the e-mail address of another: 409', async () => {
    const [one, other] = [await create(), await create()];
    const { status } = await send('PUT', `/customers/${one.id}`, { name: 'X', email: shout(other.email) });
    expect(status).toBe(409);
    expect((await send('GET', `/customers/${one.id}`)).body).toEqual(one);
  });

  test('may write its own e-mail address in other letters', async () => {
    const { id, name, email } = await create();
    const { status, body } = await send('PUT', `/customers/${id}`, { name, email: shout(email) });
    expect([status, body.email]).toEqual([200, shout(email)]);
  });

  test('is gone after DELETE: 204 without a body, then 404', async () => {
    const { id, email } = await create();
    const { status, body } = await send('DELETE', `/customers/${id}`);
    expect([status, body]).toEqual([204, undefined]);
    for (const method of ['GET', 'DELETE']) expect((await send(method, `/customers/${id}`)).status).toBe(404);
    expect(await stored(email)).toHaveLength(0);
  });

  async function claimed() {
    const { id } = await create();
    const more = { customer: undefined, customer_id: id, annual_income: undefined };
    const saga = await originate(system, [], more);
    await system.untilState(saga, 'waiting');
    return { id, saga, remove: () => send('DELETE', `/customers/${id}`) };
  }
  async function endSaga(saga: string) {
    await system.command(saga, 'decision', { approved: true });
    expect((await system.untilEnded(saga)).state).toBe('completed');
  }

  test('that a running saga has claimed can be changed, not deleted: 409 with the saga, and 204 once it has ended', async () => {
    const { id, saga, remove } = await claimed();
    expect(await remove()).toMatchObject({ status: 409, body: { saga_id: saga } });
    expect((await send('PUT', `/customers/${id}`, person())).status).toBe(200);

    await endSaga(saga);
    expect((await remove()).status).toBe(204);
    expect(await system.sql.customer`select 1 from customer_claim where customer_id = ${id}`).toEqual([]);
  });

  test.each(['open', 'unknown'])(
    'can be deleted when its saga ends that the index calls %s',
    async (stale) => {
      const { id, saga, remove } = await claimed();
      const { workflowService, options } = system.temporal.client;
      const query = { namespace: options.namespace, query: `WorkflowId = "mortgage-origination-${saga}"` };
      const listed = () => workflowService.listWorkflowExecutions(query);
      await expect.poll(async () => (await listed()).executions.length).toBe(1);
      const answer = await listed();
      if (stale === 'unknown') answer.executions = [];
      const index = vi.spyOn(workflowService, 'listWorkflowExecutions').mockResolvedValue(answer);
      try {
        expect(await remove()).toMatchObject({ status: 409, body: { saga_id: saga } });
        await endSaga(saga);
        expect((await remove()).status).toBe(204);
      } finally {
        index.mockRestore();
      }
      expect(await system.sql.customer`select 1 from customer_claim where customer_id = ${id}`).toEqual([]);
    },
  );

  test('may be claimed by a saga of any type, for as long as it runs', async () => {
    await system.rest('loan');
    const sagaId = await system.start('rehearsal', {});
    const claims = [{ sagaId, at: new Date(Date.now() - 2 * 86_400_000) }];
    const ended = () => whichEnded({ temporal: system.temporal.client }, claims);
    await expect.poll(async () => (await system.get(sagaId)).step, { timeout: 10_000 }).toBe('visit-loan');
    await untilIndexed(system, `rehearsal-${sagaId}`, 'Running');
    expect(await ended()).toEqual([]);
    await system.work('loan');
    await system.untilEnded(sagaId);
    expect(await ended()).toEqual([sagaId]);
  });
});

describe('the list of customers', () => {
  beforeEach(async () => {
    await system.sql.customer`delete from customer_claim`;
    await system.sql.customer`delete from customer`;
  });
  const list = (query = '') => send('GET', `/customers${query}`);
  const named = ({ body }: Answer) => body.items.map(({ name }: { name: string }) => name);
  async function fill(count: number) {
    for (let number = 1; number <= count; number++)
      await created(send, '/customers', { ...person(), name: `${number}` });
  }

  test('is empty, and not null, without any', async () => {
    expect(await list()).toMatchObject({ status: 200, body: { items: [], next_cursor: null } });
  });

  test('holds whole rows', async () => {
    const row = await create();
    expect((await list()).body).toEqual({ items: [row], next_cursor: null });
  });

  test('comes in pages, newest first, that a concurrently created customer does not shift', async () => {
    await fill(5);
    const first = await list('?limit=2');
    await created(send, '/customers', person());
    const second = await list(`?limit=2&cursor=${first.body.next_cursor}`);
    const third = await list(`?limit=2&cursor=${second.body.next_cursor}`);
    expect([first, second, third].map(named)).toEqual([['5', '4'], ['3', '2'], ['1']]);
    expect(third.body.next_cursor).toBeNull();
  });

  test('ends with a page that is exactly full', async () => {
    await fill(2);
    const { body } = await list('?limit=2');
    expect([body.items.length, body.next_cursor]).toEqual([2, null]);
  });

  test('has 20 per page, or the limit, up to 100', async () => {
    await fill(21);
    expect((await list()).body.items).toHaveLength(20);
    expect((await list('?limit=1')).body.items).toHaveLength(1);
    expect((await list('?limit=100')).body.items).toHaveLength(21);
  });

  test.each(['0', '-1', '101', '1.5', 'x', '', '1e309'])('with limit "%s" is 422', async (limit) => {
    const { status, body } = await list(`?limit=${limit}`);
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, '/limit']);
  });

  const encoded = (cursor: string) => Buffer.from(cursor).toString('base64url');
  test.each(['', 'x', '%00', encoded('{}'), encoded('{"id":"7"}'), encoded('null'), encoded('[')])(
    'with cursor "%s" is 422',
    async (cursor) => {
      const { status, body } = await list(`?cursor=${cursor}`);
      expect([status, body.errors?.[0]?.pointer]).toEqual([422, '/cursor']);
    },
  );
});
