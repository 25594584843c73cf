import { expect, test } from 'vitest';
import { preferredWait } from '../../src/api/sagas/prefer-wait.ts';

test.each([
  ['wait=5', 5],
  ['Wait=5', 5],
  ['wait="5"', 5],
  ['wait = 5', 5],
  ['respond-async, wait=10', 10],
  ['wait=10, respond-async', 10],
  ['wait=31', 30],
  ['wait=-1', 0],
  ['wait=soon', 0],
  ['await=5', 0],
  [undefined, 0],
])('Prefer: %s is a wait of %i seconds', (prefer, seconds) => {
  expect(preferredWait(prefer)).toBe(seconds);
});
