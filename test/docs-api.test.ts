import { afterAll, beforeAll, expect, test } from 'vitest';
import { paste } from './support/paste.ts';
import { type System, startSystem } from './support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

test('every line of docs/api.md, pasted one after the other, does what the page says', async () => {
  const answerTo = await paste(system, 'api.md');
  expect(answerTo('curl -s $API/readiness')).toBe('{"status":"ok"}');
  expect(answerTo('curl -s $API/start', 1)).toBe(answerTo('curl -s $API/start'));
  expect(answerTo('curl -s $API/sagas/mortgage-origination')).toContain('"outcome":"granted"');
  expect(answerTo('curl -s $API/sagas/$SAGA')).toContain('"state":"waiting"');
  expect(answerTo('curl -s $API/sagas/$SAGA/decision')).toContain('"approved":true');
  expect(answerTo('curl -s $API/sagas/$SAGA/decision', 1)).toContain('already decided');
  expect(answerTo('curl -sN')).toMatch(/event: end\ndata: \{\}$/);
  expect(answerTo('curl -s "$API/sagas?limit=5"')).toContain('"type":"rehearsal"');
  expect(answerTo('curl -s $API/sagas/$SAGA/compensate')).toMatch(/"state":"compensat(ing|ed)"/);
  expect(answerTo('curl -s $API/sagas/$SAGA/retry')).toContain('"status":409');
  expect(answerTo('curl -s $API/loans/$LOAN/schedule')).toContain('"interest_amount":1354.17');
  expect(answerTo('curl -s $API/payments')).toContain('"principal_amount":821.83');
  expect(answerTo('curl -s $API/payments', 1)).toContain('"payoff_amount":500530.11');
  expect(answerTo('curl -s $API/loans/$LOAN/payments')).toMatch(/^\[\{"id":/);
  expect(answerTo('curl -s $API/ledger/balances')).toContain('"balanced":true');
  expect(answerTo('curl -s $API/sagas/mortgage-origination', 1)).toContain('/loan_amount');
});
