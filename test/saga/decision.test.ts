import { expect, test } from 'vitest';
import { readDecision } from '../../src/saga/workflow/decisions.ts';

const yes = { id: 'a', approved: true, by: 'uma', reason: 'fine' };
const no = { approved: false, by: 'udo', reason: 'risky' };

test('before anybody waits, no decision is taken', () => {
  expect(readDecision({ decision: null, decideBy: null }, yes)).toMatchObject({
    refusal: { why: 'not-waiting' },
  });
});

test('the first valid decision stands, and others are refused with it', () => {
  expect(readDecision({ decision: null, decideBy: 1 }, yes)).toEqual({ decision: yes, isNew: true });
  expect(readDecision({ decision: yes, decideBy: 1 }, no)).toMatchObject({
    refusal: { why: 'already-decided', standing: yes },
  });
});

test('the same decision sent again is known by its id, and by nothing else', () => {
  const decided = { decision: yes, decideBy: 1 };
  expect(readDecision(decided, yes)).toEqual({ decision: yes, isNew: false });
  expect(readDecision(decided, { ...yes, id: 'b' })).toHaveProperty('refusal.standing', yes);
  expect(readDecision(decided, { ...yes, id: undefined })).toHaveProperty('refusal.standing', yes);
});

test.each([{ approved: false }, { by: 'udo' }, { reason: 'risky' }])(
  'another decision with the same id is not the one that stands: %j',
  (change) => {
    expect(readDecision({ decision: yes, decideBy: 1 }, { ...yes, ...change })).toHaveProperty(
      'refusal.standing',
      yes,
    );
  },
);

test('without an id, an equal decision is another one', () => {
  const { id: _, ...equal } = yes;
  expect(readDecision({ decision: equal, decideBy: 1 }, equal)).toHaveProperty('refusal.standing', equal);
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
  expect(readDecision({ decision: null, decideBy: 1 }, candidate)).toMatchObject({
    refusal: { why: 'malformed' },
  });
});
