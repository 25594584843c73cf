import { expect, test } from 'vitest';
import { activityId, contractNamed, defineStep, noResult, parseActivityId } from '../../src/saga/step.ts';

test('an activity id names side, step and generation, and is read back', () => {
  for (const key of [
    { step: 'book-loan', generation: 1 },
    { step: 'visit#2', generation: 13 },
  ])
    for (const op of ['do', 'undo'] as const)
      expect(parseActivityId(activityId(key, op))).toEqual({ op, ...key });
});

test('an activity that is no step is none', () => {
  for (const id of ['', '1', 'send-mail', 'redo:book-loan@1', 'do:book-loan', 'do:@1', 'do:book-loan@1x'])
    expect(parseActivityId(id)).toBeUndefined();
});

test('a step that a saga runs again has the contract of its name, however often', () => {
  const named = (name: string) =>
    defineStep({ name, service: 'loan', summary: '', input: noResult, result: noResult, compensation: null });
  const steps = [named('visit'), named('book-loan')];
  for (const step of ['book-loan', 'book-loan#2', 'book-loan#12'])
    expect(contractNamed(steps, step)).toBe(steps[1]);
  expect(() => contractNamed(steps, 'book')).toThrow('not in the saga');
});
