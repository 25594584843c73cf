import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createServiceApp, type ResourceService, resourceServices } from '../../src/api/app.ts';
import { createTemporalClient } from '../../src/api/temporal.ts';
import { type Database, openDatabase } from '../../src/guard/database.ts';
import { originate } from '../support/originations.ts';
import { created, expectProblem, lent, person, type Send, sender, terms } from '../support/resources.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
const opened: Database[] = [];
beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  await Promise.all(opened.map((database) => database.end()));
  await system.end();
});

const to = (service: ResourceService, token?: string): Send =>
  sender((path, init) => system.service(service, token).request(path, init));

const nobody = '127.0.0.1:1';
const apiUrl = 'http://api:3000';
const away = `postgres://${nobody}/x`;
interface Outage {
  database?: string;
  registry?: string;
  temporal?: string;
}

/** A service whose database, registry or Temporal is elsewhere. */
function during(service: ResourceService, outage: Outage): Send {
  const { connection, namespace } = system.config.temporal;
  const database = openDatabase(outage.database ?? system.databases[service]);
  const registry = openDatabase(outage.registry ?? system.databases.unwind);
  opened.push(database, registry);
  const temporal = createTemporalClient(
    { address: outage.temporal ?? connection.address ?? nobody },
    namespace,
  );
  const logger = pino({ level: 'silent' });
  const given = { registry, temporal, temporalUiUrl: 'http://ui', apiUrl, alertAfter: 'PT5M', logger };
  const app = createServiceApp(service, given, { database });
  return sender((path, init) => app.request(path, init));
}

const id = crypto.randomUUID();
const lists: Record<ResourceService, string[]> = {
  customer: ['/customers'],
  mortgage: [`/customers/${id}/applications`],
  loan: [`/customers/${id}/loans`, `/customers/${id}/payments`, `/loans/${id}/payments`, '/ledger/balances'],
};
const bodies: Record<ResourceService, { path: string; make: () => object }> = {
  customer: { path: '/customers', make: person },
  mortgage: { path: '/applications', make: terms },
  loan: { path: '/loans', make: lent },
};

describe.each(resourceServices)('the port of the %s service', (service) => {
  test('serves the paths of the service', async () => {
    for (const path of lists[service])
      expect([path, (await to(service)('GET', path)).status]).toEqual([path, 200]);
    const { path, make } = bodies[service];
    const row = await created(to(service), path, make());
    expect(await to(service)('GET', `${path}/${row.id}`)).toMatchObject({ status: 200, body: row });
  });

  test('knows the keys that the port of the API was sent', async () => {
    const { path, make } = bodies[service];
    const [body, headers] = [make(), { 'idempotency-key': crypto.randomUUID() }];
    const there = await sender(system.app.request)('POST', path, body, headers);
    const here = await to(service)('POST', path, body, headers);
    expect([here.status, here.body]).toEqual([201, there.body]);
  });

  test('serves no path of another, and no saga', async () => {
    const others = resourceServices.filter((other) => other !== service);
    for (const path of [...others.flatMap((other) => lists[other]), '/sagas', `/sagas/${id}`, '/nonsense'])
      expectProblem(await to(service)('GET', path), 404, path);
    for (const path of [...others.map((other) => bodies[other].path), '/sagas/rehearsal', '/start'])
      expectProblem(await to(service)('POST', path, {}), 404, path);
  });

  test('describes its own paths, and no others', async () => {
    const { status, body } = await to(service)('GET', '/openapi.json');
    const paths = Object.keys(body.paths);
    expect(status).toBe(200);
    expect(paths).toContain(bodies[service].path);
    for (const other of resourceServices.filter((other) => other !== service))
      expect(paths).not.toContain(bodies[other].path);
    expect(paths.filter((path) => path.startsWith('/sagas'))).toEqual([]);
    const docs = await system.service(service).request('/docs');
    expect([docs.status, await docs.text()]).toEqual([200, expect.stringContaining('swagger-ui')]);
  });

  test('is alive and ready', async () => {
    // `node` was the Kubernetes node of the replaced saga service.
    expect((await to(service)('GET', '/liveness')).body).toEqual({
      status: 'up',
      host: expect.stringMatching(/./),
      pid: process.pid,
      node_version: process.version,
      uptime_s: expect.any(Number),
    });
    expect(await to(service)('GET', '/readiness')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  test.concurrent.each([
    [{ database: away }, ['database']],
    [{ temporal: nobody }, ['temporal']],
    [{ database: away, temporal: nobody }, ['database', 'temporal']],
  ])('is alive, but not ready, with %j', async (outage, missing) => {
    const send = during(service, outage);
    expect((await send('GET', '/liveness')).status).toBe(200);
    const answer = await send('GET', '/readiness');
    expectProblem(answer, 503, '/readiness');
    expect(answer.body.not_ready).toEqual(missing);
  });

  test.concurrent('is 503 with Retry-After without its database, and the key stays usable', async () => {
    const { path, make } = bodies[service];
    const [body, headers] = [make(), { 'idempotency-key': crypto.randomUUID() }];
    const answer = await during(service, { database: away })('POST', path, body, headers);
    expectProblem(answer, 503, path);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect((await to(service)('POST', path, body, headers)).status).toBe(201);
  });

  test.concurrent('does its work without Temporal and without the registry', async () => {
    const send = during(service, { temporal: nobody, registry: away });
    const { path, make } = bodies[service];
    const row = await created(send, path, make());
    expect((await send('PUT', `${path}/${row.id}`, row)).status).toBe(200);
    expect((await send('DELETE', `${path}/${row.id}`)).status).toBe(204);
  });
});

describe.each(resourceServices)('with a token, the port of the %s service', (service) => {
  const secret = 'a-long-secret';
  const ask = (path: string, authorization?: string) =>
    to(service, secret)('GET', path, undefined, authorization === undefined ? {} : { authorization });

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer wrong',
    `Bearer ${secret}x`,
    `Bearer ${secret.slice(1)}`,
    `Basic ${secret}`,
    secret,
  ])('answers 401 to "%s"', async (authorization) => {
    for (const path of [...lists[service], '/openapi.json', '/docs', '/nonsense']) {
      const answer = await ask(path, authorization);
      expectProblem(answer, 401, path);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });

  test.each([`Bearer ${secret}`, `bearer ${secret}`])('lets in "%s"', async (authorization) => {
    for (const path of [...lists[service], '/openapi.json'])
      expect((await ask(path, authorization)).status).toBe(200);
  });

  test('stores nothing without it', async () => {
    const { path, make } = bodies[service];
    const count = async () => {
      const { customer, mortgage, loan } = system.sql;
      const rows = [
        customer`select 1 from customer`,
        mortgage`select 1 from application`,
        loan`select 1 from loan`,
      ];
      return (await Promise.all(rows)).map(({ length }) => length);
    };
    const before = await count();
    expectProblem(await to(service, secret)('POST', path, make()), 401, path);
    expect(await count()).toEqual(before);
  });

  test('serves its health without authentication', async () => {
    for (const path of ['/liveness', '/readiness']) expect((await ask(path)).status).toBe(200);
  });
});

describe('a payment on the port of the loan service', () => {
  const payment = async () => ({
    loan_id: (await created(to('loan'), '/loans', lent())).id,
    payment_amount: 2_176,
  });
  const paymentsOn = async ({ loan_id }: { loan_id: string }) =>
    (await to('loan')('GET', `/loans/${loan_id}/payments`)).body;

  test('is 201 with the payment, which is on its loan', async () => {
    const body = await payment();
    const answer = await to('loan')('POST', '/payments', body);
    expect(answer).toMatchObject({ status: 201, body: { ...body, interest_amount: 1_354.17 } });
    expect(await paymentsOn(body)).toEqual([answer.body]);
  });

  test.concurrent.each([
    ['Temporal', { temporal: nobody }],
    ['the registry', { registry: away }],
  ])('is 503 with Retry-After without %s, and paid once with the same key later', async (_, outage) => {
    const [body, headers] = [await payment(), { 'idempotency-key': crypto.randomUUID() }];
    const answer = await during('loan', outage)('POST', '/payments', body, headers);
    expectProblem(answer, 503, '/payments');
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await paymentsOn(body)).toEqual([]);
    const later = await to('loan')('POST', '/payments', body, headers);
    const again = await to('loan')('POST', '/payments', body, headers);
    expect([later.status, again.status, again.body]).toEqual([201, 201, later.body]);
    expect(await paymentsOn(body)).toEqual([later.body]);
  });

  test.concurrent('links to its saga on the port of the API', async () => {
    const { loan_id } = await payment();
    const refused = await during('loan', {})('POST', '/payments', { loan_id, payment_amount: 600_000 });
    expectProblem(refused, 422, '/payments');
    const [, sagaId] = new RegExp(`^${apiUrl}/sagas/(.+)$`).exec(refused.body.saga) ?? [];
    expect((await system.get(sagaId ?? '')).state).toBe('compensated');
    const unknown = await during('loan', { temporal: nobody })('POST', '/payments', await payment());
    expectProblem(unknown, 503, '/payments');
    expect(unknown.body.saga).toMatch(`${apiUrl}/sagas/`);
    expect(unknown.body.detail).toContain(unknown.body.saga);
  });

  test.concurrent('of the past is read, and listed, without Temporal', async () => {
    const body = await payment();
    const paid = await created(to('loan'), '/payments', body);
    const send = during('loan', { temporal: nobody });
    expect((await send('GET', `/payments/${paid.id}`)).body).toEqual(paid);
    expect((await send('GET', `/loans/${body.loan_id}/payments`)).body).toEqual([paid]);
  });
});

test('whether a claimed customer may be deleted is unknown without Temporal: 503', async () => {
  const customer = await created(to('customer'), '/customers', person());
  await originate(system, [], { customer: undefined, customer_id: customer.id, annual_income: undefined });
  const claims = () => system.sql.customer`select 1 from customer_claim where customer_id = ${customer.id}`;
  await expect.poll(claims, { timeout: 20_000 }).toHaveLength(1);
  const answer = await during('customer', { temporal: nobody })('DELETE', `/customers/${customer.id}`);
  expectProblem(answer, 503, `/customers/${customer.id}`);
  expect((await to('customer')('GET', `/customers/${customer.id}`)).status).toBe(200);
});
