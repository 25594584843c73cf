import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { fill } from '../../bench/growth/fill.ts';
import { portOf } from '../support/port-of.ts';

test('the time of a POST does not contain the wait for sagas that were started before', async () => {
  const arrivals: number[] = [];
  const server = createServer((_, response) => {
    arrivals.push(performance.now());
    response.end('{"saga_id":"1"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  let counted = 0;
  const count = async () => {
    if (arrivals.length >= 500) counted += 1;
    return { count: counted < 15 ? 0 : arrivals.length, groups: [] };
  };
  const ground = {
    api: `http://127.0.0.1:${portOf(server)}`,
    temporal: { workflow: { count } },
    log: () => {},
  };
  const { post_p95_ms } = await fill(ground, 550);
  const [last = 0, next = 0] = arrivals.slice(499, 501);
  expect(post_p95_ms).toBeLessThan((next - last) / 2);
});
