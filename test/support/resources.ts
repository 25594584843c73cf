import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { expect } from 'vitest';
import { portOf } from './port-of.ts';
import type { System } from './system.ts';

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  body: any;
}

/** A text is sent as it stands, anything else as JSON; without a content type unless `headers` name one. */
export type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

type Respond = (path: string, init: RequestInit) => Response | Promise<Response>;

export function sender(respond: Respond): Send {
  return async (method, path, body, headers = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    // Bytes, because a text would be announced as text/plain.
    const sent = body === undefined ? null : new TextEncoder().encode(text);
    return answerOf(await respond(path, { method, headers, body: sent }));
  };
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

/** Serves an app on a port of its own. */
export async function listen(app: { fetch(request: Request): Response | Promise<Response> }) {
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const port = portOf(server);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    send: sender((path, init) => fetch(`${url}${path}`, init)),
    close: () => new Promise((closed) => server.close(closed)),
  };
}

export const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
export const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

let people = 0;

export const person = () => ({ name: 'Grace Hopper', email: `grace-${people++}@example.com` });

export const terms = (customer_id: string = crypto.randomUUID()) => ({
  customer_id,
  loan_amount: 500_000,
  property_value: 750_000,
  interest_rate: 3.25,
  term_years: 30,
});

export const lent = (customer_id: string = crypto.randomUUID()) => ({
  customer_id,
  mortgage_id: crypto.randomUUID(),
  loan_amount: 500_000,
  interest_rate: 3.25,
  term_years: 30,
});

/** Fails with the answer where a fixture cannot be made. */
export async function created(send: Send, path: string, body: unknown) {
  const answer = await send('POST', path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}

const leaks = /postgres|drizzle|insert into|select |constraint|node_modules|ECONN|\.ts:|stack/i;

/** An answer as RFC 9457 has it, which tells nothing of our inside. */
export function expectProblem({ status, headers, body }: Answer, expected: number, path: string) {
  expect(status, JSON.stringify(body)).toBe(expected);
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(body).toMatchObject({
    type: 'about:blank',
    title: expect.stringMatching(/./),
    status: expected,
    detail: expect.stringMatching(/./),
    instance: path,
  });
  expect(JSON.stringify(body)).not.toMatch(leaks);
}

/** Cents by entry, in the order of posting. */
export async function entriesOf({ sql }: System, loan: { id: string }) {
  const rows = await sql.loan`
    select account, amount::text, saga_op from ledger_entry where loan_id = ${loan.id} order by id`;
  return rows.map((row) => `${row['saga_op']} ${row['account']} ${row['amount']}`);
}
