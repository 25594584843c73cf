import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { follow } from '../../scripts/stack/demonstrations.ts';

const entry = (status: string) => ({
  seq: 1,
  step: 'visit-loan',
  op: 'do',
  status,
  started_at: '',
  error: null,
});

/** An API that answers these, one after the other, and the last one again and again. */
async function answering(...sagas: object[]) {
  const server = createServer((_, response) =>
    response.end(JSON.stringify(sagas.length > 1 ? sagas.shift() : sagas[0])),
  ).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/saga`;
}

test('a saga of which nothing is heard ends the demonstration, which names the log of the worker', async () => {
  const url = await answering({ state: 'running', timeline: [] });
  await expect(follow(url, () => {}, '/home/logs/worker.log', 200)).rejects.toThrow(
    `Nothing is heard of ${url} for 0.2 s. Its worker's log says why: /home/logs/worker.log`,
  );
});

test('a saga is followed to its end, and each change is told once', async () => {
  const running = { state: 'running', timeline: [entry('running')] };
  const done = { state: 'completed', timeline: [entry('done')] };
  const lines: string[] = [];
  const saga = await follow(await answering(running, running, done), (line) => lines.push(line), 'log');
  expect(saga?.state).toBe('completed');
  expect(lines).toEqual([expect.stringMatching(/visit-loan +done$/)]);
});
