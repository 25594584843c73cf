import { afterAll, beforeAll, expect, test } from 'vitest';
import { stopAll } from '../compose/programs.ts';
import { referred } from '../support/originations.ts';
import { type System, startSystem } from '../support/system.ts';
import { startServerProcess } from '../support/worker-process.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ roles: [] });
});
afterAll(async () => {
  await stopAll();
  await system.end();
});

/** Resolves with what came until the stream ended. */
async function rest(response: Response): Promise<string> {
  let text = '';
  for await (const bytes of response.body ?? []) text += Buffer.from(bytes).toString();
  return text;
}

test('a server that is told to stop ends, though somebody follows a saga that waits, and another waits for one', async () => {
  const server = await startServerProcess(system, {
    failpoints: [{ step: 'visit-loan', op: 'do', at: 'before', do: 'hang' }],
  });
  const post = (path: string, body: object, headers = {}) =>
    fetch(`${server.api}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const waiting = await post('/sagas/mortgage-origination', referred(), { prefer: 'wait=20' });
  expect([waiting.status, waiting.headers.get('keep-alive')]).toEqual([200, 'timeout=65']);
  const { saga_id } = (await waiting.json()) as { saga_id: string };
  const stream = rest(await fetch(`${server.api}/sagas/${saga_id}/events`));
  const preferring = post('/sagas/rehearsal', {}, { prefer: 'wait=30' });
  await expect
    .poll(async () => (await system.call('GET', '/sagas?type=rehearsal')).body.items, { timeout: 20_000 })
    .toMatchObject([{ state: 'running' }]);

  expect(await server.stop('SIGTERM')).toBe(0);
  const told = await stream;
  expect(told).toContain('event: state\ndata: {"state":"waiting"}');
  expect(told).not.toContain('event: end');
  const answer = await preferring;
  expect([answer.status, await answer.json()]).toEqual([
    202,
    expect.objectContaining({ type: 'rehearsal', state: 'running' }),
  ]);
}, 90_000);
