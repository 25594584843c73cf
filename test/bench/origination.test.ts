import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { open } from '../../bench/engines/origination/api.ts';
import { portOf } from '../support/port-of.ts';

/** An API whose answers are these, one a request. */
async function answering(...answers: [status: number, body: object][]) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const [status, body] = answers.shift() ?? [500, { detail: 'no more answers' }];
    response.writeHead(status).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const port = portOf(server);
  const settings = { name: 'origination', taskQueue: '', engine: '', databaseUrl: '', bundles: '' };
  const engine = await open({ ...settings, api: `http://127.0.0.1:${port}` });
  return { asked, run: () => engine.run({ id: '', refused: false }) };
}

const links = { self: '/sagas/1' };
const granted = { state: 'completed', links, result: { outcome: 'granted' } };

test('an origination that takes longer than the API waits is followed to its end', async () => {
  const running = { state: 'running', links };
  const { asked, run } = await answering([202, running], [200, running], [200, granted]);
  await run();
  expect(asked).toEqual(['POST /sagas/mortgage-origination', 'GET /sagas/1', 'GET /sagas/1']);
});

test('one that has ended is not asked for again', async () => {
  const { asked, run } = await answering([200, granted]);
  await run();
  expect(asked).toEqual(['POST /sagas/mortgage-origination']);
});

test.for([
  [[200, { ...granted, state: 'compensated' }], /completed/],
  [[202, { state: 'parked', links }], /completed/],
  [[503, { detail: 'Temporal is down' }], /answered 503: .*Temporal is down/],
] as const)('one that ends otherwise fails: %o', async ([answer, told]) => {
  const { run } = await answering([...answer]);
  await expect(run()).rejects.toThrow(told);
});
