import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen } from './support/resources.ts';
import { type System, startSystem } from './support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

const text = readFileSync(join(import.meta.dirname, '..', 'docs', 'shop.md'), 'utf8');
const lines = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
  (block ?? '').trim().split('\n'),
);

test('every line of docs/shop.md, pasted one after the other, does what the page says', async () => {
  const server = await listen(system.app);
  const script = lines
    .map((line) => line.replace('http://127.0.0.1:3000', server.url))
    .join('\necho; echo ---\n');
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script]);
  await server.close();
  const answers = stdout.split('---\n').map((answer) => answer.trim());
  const answerTo = (start: string, nth = 0) =>
    answers[lines.flatMap((line, n) => (line.startsWith(start) ? [n] : []))[nth] ?? -1];

  expect(answerTo('curl -s $API/api/account/info/person')).toContain('"lastname":"hsu"');
  expect(answerTo('curl -s $API/api/account/info/shipping')).toBe(
    '{"address":"taipei","phone_number":"1234567"}',
  );
  expect(answerTo('curl -s "$API/api/products')).toContain('"name":"product1"');
  expect(answerTo('curl -sN')).toContain('"step":"CREATE_DELIVERY","status":"STATUS_SUCCESS"');
  expect(answerTo('curl -s $API/api/order')).toContain('"status":"completed"');
  expect(answerTo('curl -s $API/api/payment')).toContain('"amount":100,"status":"paid"');
  expect(answerTo('curl -s $API/sagas/')).toContain('"type":"purchase"');
  expect(answerTo('curl -sN', 1)).toContain('"step":"UPDATE_PRODUCT_INVENTORY","status":"STATUS_ROLLBACKED"');
}, 60_000);
