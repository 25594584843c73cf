import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { freePort } from '../../scripts/stack/ports.ts';
import { type Program, start, stopAll } from '../compose/programs.ts';

const project = join(import.meta.dirname, '..', '..');
afterAll(stopAll);

const database = new URL(inject('databaseUrl'));
database.pathname = `/alone_${randomBytes(6).toString('hex')}`;

function serviceAlone(args: string[], env: Record<string, string>): Program {
  const { PATH, HOME } = process.env;
  const away = { TEMPORAL_ADDRESS: '127.0.0.1:1', WORKER_METRICS_PORT: '0' };
  return start([process.execPath, 'scripts/service.mjs', ...args], project, { PATH, HOME, ...away, ...env });
}

test('one service runs alone with nothing but its database, and waits for Temporal', async () => {
  const port = await freePort();
  const env = { CUSTOMER_DATABASE_URL: database.href, CUSTOMER_PORT: String(port) };
  const service = serviceAlone(['customer'], env);
  const url = `http://127.0.0.1:${port}`;
  const isUp = () =>
    fetch(`${url}/liveness`).then(
      ({ ok }) => ok,
      () => service.running(),
    );
  await expect.poll(isUp, { timeout: 60_000 }).toBe(true);
  await expect
    .poll(() => fetch(`${url}/readiness`).then((response) => response.json()), { timeout: 20_000 })
    .toMatchObject({ status: 503, not_ready: ['temporal'] });

  const body = JSON.stringify({ name: 'Ada', email: 'ada@example.com' });
  const created = await fetch(`${url}/customers`, { method: 'POST', body });
  expect(created.status, service.printed()).toBe(201);
  const list = (await (await fetch(`${url}/customers`)).json()) as { items: unknown[] };
  expect(list.items).toEqual([await created.json()]);
  await expect.poll(() => service.printed(), { timeout: 20_000 }).toContain('Temporal cannot be reached yet');
  expect(await service.stop()).toBe(0);
});

test.each([[[]], [['nobody']], [['customer', 'loan']]])(
  'without the name of one service (%o) it says which there are',
  async (args) => {
    const service = serviceAlone(args, {});
    expect(await service.ended).toBe(1);
    expect(service.printed()).toBe('say which service: npm run service customer | mortgage | loan\n');
  },
);

test('without its database it says which server cannot be reached', async () => {
  const service = serviceAlone(['loan'], { DATABASE_URL: 'postgres://unwind:unwind@127.0.0.1:1' });
  expect(await service.ended).toBe(1);
  expect(service.printed()).toBe(
    'Postgres at 127.0.0.1:1 cannot be reached: start it, or set LOAN_DATABASE_URL\n',
  );
});
