import { expect, test } from 'vitest';
import { isSameCommand } from '../../src/saga/command.ts';

const sent = {
  action: 'correct',
  by: 'olga',
  reason: 'a typo',
  step: 'book-loan',
  input: { term_years: 20 },
} as const;

test('a command that is sent again is the same', () => {
  expect(isSameCommand(sent, structuredClone(sent))).toBe(true);
});

test.each([
  { action: 'retry' as const },
  { by: 'otto' },
  { reason: 'two typos' },
  { step: undefined },
  { input: { term_years: 25 } },
])('a command with %j instead is another one', (change) => {
  expect(isSameCommand(sent, { ...sent, ...change })).toBe(false);
});
