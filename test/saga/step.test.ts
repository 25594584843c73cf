import { expect, test } from 'vitest';
import { activityId, parseActivityId } from '../../src/saga/step.ts';

test('an activity id names side, step and generation, and is read back', () => {
  for (const key of [
    { step: 'book-loan', generation: 1 },
    { step: 'visit#2', generation: 13 },
  ])
    for (const op of ['do', 'undo'] as const)
      expect(parseActivityId(activityId(key, op))).toEqual({ op, ...key });
});

test('an activity that is no step is none', () => {
  for (const id of ['', '1', 'send-mail', 'redo:book-loan@1', 'do:book-loan', 'do:@1'])
    expect(parseActivityId(id)).toBeUndefined();
});
