import { expect, test } from 'vitest';
import { DecisionHandler } from '../../src/saga/workflow/decisions.ts';

const yes = { id: 'a', approved: true, by: 'uma', reason: 'fine' };
const no = { approved: false, by: 'udo', reason: 'risky' };

test('before anybody waits, no decision is taken', () => {
  expect(new DecisionHandler({ decision: null, decideBy: null }).read(yes)).toMatchObject({
    refusal: { why: 'not-waiting' },
  });
});

test('the first valid decision stands, and others are refused with it', () => {
  const handler = new DecisionHandler({ decision: null, decideBy: 1 });
  expect(handler.read(yes)).toEqual({ decision: yes, isNew: true });
  handler.take(yes);
  expect(handler.read(no)).toMatchObject({ refusal: { why: 'already-decided', standing: yes } });
});

test('the same decision sent again is known by its id, and by nothing else', () => {
  const handler = new DecisionHandler({ decision: null, decideBy: 1 });
  handler.take(yes);
  expect(handler.read(yes)).toEqual({ decision: yes, isNew: false });
  expect(handler.read({ ...yes, id: 'b' })).toHaveProperty('refusal.standing', yes);
  expect(handler.read({ ...yes, id: undefined })).toHaveProperty('refusal.standing', yes);
});

test.each([
  [undefined],
  [null],
  ['yes'],
  [[]],
  [{}],
  [{ ...no, approved: 'no' }],
  [{ ...no, by: '' }],
  [{ ...no, reason: 'x'.repeat(2_001) }],
  [{ ...no, by: '\0' }],
])('malformed: %j', (candidate) => {
  const handler = new DecisionHandler({ decision: null, decideBy: 1 });
  expect(handler.read(candidate)).toMatchObject({ refusal: { why: 'malformed' } });
});
