import { expect, test } from 'vitest';
import * as definitions from '../../src/workflows/sagas.ts';
import { factorsOf } from './case.ts';
import { allCases } from './cases.ts';
import { pairsOf, pairwise } from './pairwise.ts';
import { sagaNames, sagas } from './sagas.ts';
import { titleOf } from './title.ts';

test('every saga is in the matrix', () => {
  const missing = Object.keys(definitions).filter((name) => !(name in sagas));
  expect(missing, 'say in test/matrix/sagas.ts which ways lead through them').toEqual([]);
});

test.each(sagaNames)('every step of %s lies on one of its ways', (name) => {
  const { steps, ways } = sagas[name];
  const missing = steps
    .map((step) => step.name)
    .filter((step) => !ways.some((way) => way.steps.includes(step)));
  expect(missing, `add a way that leads to them in test/matrix/${name}.ts`).toEqual([]);
});

test('every case has a name of its own', () => {
  const titles = allCases().map(titleOf);
  expect(new Set(titles).size).toBe(titles.length);
});

test('the policy is that of the case, whichever the saga has chosen', async () => {
  const { definition } = definitions.rehearsal;
  Object.assign(definition, { onUndoFailure: 'stop' });
  await import('../support/workflows/matrix-continue.ts');
  expect(definition).toHaveProperty('onUndoFailure', 'continue');
});

test('the chosen cases hold every two values that occur together in the whole', () => {
  const all = allCases();
  const pairs = new Set(all.flatMap((one) => pairsOf(factorsOf(one))));
  const chosen = pairwise(all, factorsOf);
  expect(new Set(chosen.flatMap((one) => pairsOf(factorsOf(one))))).toEqual(pairs);
  expect(chosen.length).toBeLessThan(all.length / 10);
});

test('the choice is the same every time, and leaves out what must not be', () => {
  const all = ['a1x', 'a1y', 'a2x', 'a2y', 'b1x', 'b1y', 'b2x'];
  const letters = ([one = '', two = '', three = '']: string) => ({ one, two, three });
  const chosen = pairwise(all, letters);
  expect(chosen).toEqual(pairwise(all, letters));
  expect(chosen.length).toBeLessThan(all.length);
  expect(all).toEqual(expect.arrayContaining(chosen));
});
