import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { follow, planDemonstrations, run } from '../../scripts/stack/demonstrations.ts';
import { portOf } from '../support/port-of.ts';

const entry = (status: string) => ({
  seq: 1,
  step: 'visit-loan',
  op: 'do',
  status,
  started_at: '',
  error: null,
});

/** An API that returns these in turn, and then repeats the last one. */
async function answering(...sagas: object[]) {
  const server = createServer((_, response) =>
    response.end(JSON.stringify(sagas.length > 1 ? sagas.shift() : sagas[0])),
  ).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${portOf(server)}/saga`;
}

test('a saga that does not change ends the demonstration, and the error names the log of the worker', async () => {
  const url = await answering({ state: 'running', timeline: [] });
  await expect(follow(url, () => {}, '/home/logs/worker.log', 200)).rejects.toThrow(
    `${url} has not changed for 0.2 s. The worker's log shows why: /home/logs/worker.log`,
  );
});

test('a saga is followed to its end, and each change is printed once', async () => {
  const running = { state: 'running', timeline: [entry('running')] };
  const done = { state: 'completed', timeline: [entry('done')] };
  const lines: string[] = [];
  const saga = await follow(await answering(running, running, done), (line) => lines.push(line), 'log');
  expect(saga?.state).toBe('completed');
  expect(lines).toEqual([expect.stringMatching(/visit-loan +done$/)]);
});

test('where Temporal has forgotten the saga, another customer applies: the first one may still owe the loan', async () => {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      const isKnown = !request.url?.endsWith('forgotten');
      response.statusCode = isKnown ? 200 : 404;
      return response.end(JSON.stringify({ state: 'completed', timeline: [] }));
    }
    let body = '';
    for await (const bytes of request) body += bytes;
    asked.push(JSON.parse(body).customer.email);
    response.statusCode = 202;
    return response.end(JSON.stringify({ saga_id: asked.length === 1 ? 'forgotten' : 'another' }));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${portOf(server)}`;
  const [granted] = planDemonstrations(200_000_000n);
  const { id } = await run(url, granted?.body ?? none, () => {}, 'log');
  expect(id).toBe('another');
  expect(asked).toEqual(['ada@example.com', expect.stringMatching(/^ada\+\d+@example\.com$/)]);
});

const none = { customer: { name: '', email: '' } };

test.each([
  [200_000_000n, [500_000, 2_500_000]],
  [40_000_000n, [400_000, 900_000]],
  [12_345n, [123.45, 500_123.45]],
  [0n, [500_000]],
])('with a lending limit of %d cents, one loan is within it and one above', (limit, amounts) => {
  const planned = planDemonstrations(limit);
  expect(planned.map(({ body }) => body['loan_amount'])).toEqual(amounts);
  const emails = planned.map(({ body }) => body.customer.email);
  expect(new Set(emails).size).toBe(planned.length);
  expect(emails.includes('ada@example.com')).toBe(limit === 200_000_000n);
});
