import { expect, test } from 'vitest';
import { DecisionDesk } from '../../src/saga/decision.ts';

const yes = { id: 'a', approved: true, by: 'uma', reason: 'fine' };
const no = { approved: false, by: 'udo', reason: 'risky' };

test('before anybody waits, no decision is taken', () => {
  expect(new DecisionDesk({ decision: null, decideBy: null }).refusal(yes)).toMatchObject({
    why: 'not-waiting',
  });
});

test('the first valid decision stands, and others are refused with it', () => {
  const desk = new DecisionDesk({ decision: null, decideBy: 1 });
  expect(desk.refusal(yes)).toBeUndefined();
  desk.take(yes);
  expect(desk.refusal(no)).toMatchObject({ why: 'already-decided', standing: yes });
});

test('the same decision sent again is known by its id, and by nothing else', () => {
  const desk = new DecisionDesk({ decision: null, decideBy: 1 });
  desk.take(yes);
  expect(desk.repeated(yes)).toEqual(yes);
  expect(desk.repeated({ ...yes, id: 'b' })).toBeUndefined();
  expect(desk.repeated({ ...yes, id: undefined })).toBeUndefined();
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
  const desk = new DecisionDesk({ decision: null, decideBy: 1 });
  expect(desk.refusal(candidate)).toMatchObject({ why: 'malformed' });
});
