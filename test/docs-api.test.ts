import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type System, startSystem } from './support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

const text = readFileSync(join(import.meta.dirname, '..', 'docs', 'api.md'), 'utf8');
const lines = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
  (block ?? '').trim().split('\n'),
);

test('every line of docs/api.md, pasted one after the other, does what the page says', async () => {
  const server = serve({ fetch: system.app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const script = lines
    .map((line) => line.replace('127.0.0.1:3000', `127.0.0.1:${port}`))
    .join('\necho; echo ---\n');
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script]);
  server.close();

  const answers = stdout.split('---\n').map((answer) => answer.trim());
  const answerTo = (start: string, nth = 0) =>
    answers[lines.flatMap((line, n) => (line.startsWith(start) ? [n] : []))[nth] ?? -1];
  expect(answerTo('curl -s $API/readiness')).toBe('{"status":"ok"}');
  expect(answerTo('curl -s $API/start', 1)).toBe(answerTo('curl -s $API/start'));
  expect(answerTo('curl -s $API/sagas/mortgage-origination')).toContain('"outcome":"granted"');
  expect(answerTo('curl -s $API/sagas/$SAGA')).toContain('"state":"waiting"');
  expect(answerTo('curl -s $API/sagas/$SAGA/decision')).toContain('"approved":true');
  expect(answerTo('curl -s $API/sagas/$SAGA/decision', 1)).toContain('already decided');
  expect(answerTo('curl -sN')).toMatch(/event: end\ndata: \{\}$/);
  expect(answerTo('curl -s "$API/sagas?limit=5"')).toContain('"type":"rehearsal"');
  expect(answerTo('curl -s $API/sagas/$SAGA/compensate')).toContain('"state":');
  expect(answerTo('curl -s $API/sagas/$SAGA/retry')).toContain('"status":409');
  expect(answerTo('curl -s $API/loans/$LOAN/schedule')).toContain('"interest_amount":1354.17');
  expect(answerTo('curl -s $API/payments')).toContain('"principal_amount":821.83');
  expect(answerTo('curl -s $API/payments', 1)).toContain('"payoff_amount":500530.11');
  expect(answerTo('curl -s $API/loans/$LOAN/payments')).toMatch(/^\[\{"id":/);
  expect(answerTo('curl -s $API/ledger/balances')).toContain('"balanced":true');
  expect(answerTo('curl -s $API/sagas/mortgage-origination', 1)).toContain('/loan_amount');
});
