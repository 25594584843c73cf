import { expect, test } from 'vitest';
import { freshData } from '../../src/saga/data.ts';
import { markUnrecorded } from '../../src/saga/inline/in-workflow.ts';

test('services that may have unrecorded steps are added up, each once', () => {
  const data = freshData();
  markUnrecorded(data, ['customer', 'mortgage']);
  markUnrecorded(data, ['customer']);
  markUnrecorded(data, []);
  expect(data.unrecorded).toEqual(['customer', 'mortgage']);
});
