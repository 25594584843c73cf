import { expect, test } from 'vitest';
import { DecisionHandler } from '../../src/saga/workflow/decisions.ts';

const yes = { id: 'a', approved: true, by: 'uma', reason: 'fine' };
const no = { approved: false, by: 'udo', reason: 'risky' };

test('before anybody waits, no decision is taken', () => {
  expect(new DecisionHandler({ decision: null, decideBy: null }).refusal(yes)).toMatchObject({
    why: 'not-waiting',
  });
});

test('the first valid decision stands, and others are refused with it', () => {
  const handler = new DecisionHandler({ decision: null, decideBy: 1 });
  expect(handler.refusal(yes)).toBeUndefined();
  handler.take(yes);
  expect(handler.refusal(no)).toMatchObject({ why: 'already-decided', standing: yes });
});

test('the same decision sent again is known by its id, and by nothing else', () => {
  const handler = new DecisionHandler({ decision: null, decideBy: 1 });
  handler.take(yes);
  expect(handler.repeated(yes)).toEqual(yes);
  expect(handler.repeated({ ...yes, id: 'b' })).toBeUndefined();
  expect(handler.repeated({ ...yes, id: undefined })).toBeUndefined();
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
  expect(handler.refusal(candidate)).toMatchObject({ why: 'malformed' });
});
