import { expect, test } from 'vitest';
import { InlineSaga, type Perform } from '../../src/saga/inline/in-worker.ts';
import type { InlineCall } from '../../src/saga/inline/inline-run.ts';
import { blue, green, red } from '../support/workflows/probe-steps.ts';

const call: InlineCall = {
  saga_id: 'a saga',
  type: 'probe',
  input: {},
  journal: [],
  counts: {},
  position: 0,
  placement: ['probe'],
  deadline: null,
  again: false,
};

/** With another worker. */
const elsewhere = { ...green, name: 'elsewhere', service: 'elsewhere' };

/** Runs the code until it stops or ends; answers what its stretch tells, and what was performed. */
async function runAhead(
  code: (saga: InlineSaga) => Promise<unknown>,
  more: Partial<InlineCall> = {},
  perform: Perform = async (_, __, { input }) => ({ result: input }),
) {
  const performed: string[] = [];
  const saga = new InlineSaga(
    { ...call, ...more },
    {
      services: new Set(['probe']),
      perform(contract, op, stepCall) {
        performed.push(contract.name);
        return perform(contract, op, stepCall);
      },
    },
    [red, green, blue, elsewhere],
  );
  const end = async () => saga.end(await code(saga));
  await Promise.race([saga.stopped, end().catch(() => {})]);
  const { told, begun, away, ended } = saga.outcome;
  return { told: told.map(({ step, position }) => `${step} ${position}`), begun, away, ended, performed };
}

const label = (name: string) => ({ label: name });
const all = async (saga: InlineSaga) => {
  const { label: a } = await saga.step(red, label('a'));
  await saga.step(green, label(`after ${a}`));
};

test('steps are done in a row, each with what the one before answered', async () => {
  const { told, begun, performed } = await runAhead(all);
  expect({ told, begun, performed }).toEqual({
    told: ['red 0', 'green 1'],
    begun: null,
    performed: ['red', 'green'],
  });
});

test('what is in the journal is answered and not done again', async () => {
  const journal = [{ name: 'red', value: label('known') }];
  const { told, performed } = await runAhead(all, { journal, counts: { red: 1 }, position: 1 });
  expect(told).toEqual(['green 1']);
  expect(performed).toEqual(['green']);
});

test.each<[string, (saga: InlineSaga) => Promise<unknown>]>([
  ['a decision', (saga) => saga.decision()],
  ['a parallel block', (saga) => saga.parallel()],
  ['the end of the forward way', async (saga) => saga.fail()],
  ['a change that the journal does not know', async (saga) => saga.changed('new')],
  ['a step that has been done before', (saga) => saga.step(red, label('again'))],
])('it stops at %s', async (_, stop) => {
  const { told, begun } = await runAhead(async (saga) => {
    await saga.step(red, label('a'));
    await stop(saga);
    await saga.step(green, label('never'));
  });
  expect(told).toEqual(['red 0']);
  expect(begun).toBeNull();
});

test('of two steps at once the second is left to the workflow, and what follows as well', async () => {
  const { performed, begun } = await runAhead(async (saga) => {
    await Promise.all([saga.step(red, label('a')), saga.step(green, label('b'))]);
    await saga.step(blue, label('c'));
  });
  expect(performed).toEqual(['red']);
  expect(begun).toEqual({ step: 'red', input: label('a') });
});

test("a step that is not the one in the saga's list is left to the workflow, and not begun", async () => {
  const { told, begun, performed } = await runAhead(async (saga) => {
    await saga.step(red, label('a'));
    await saga.step({ ...green }, label('b'));
  });
  expect({ told, begun, performed }).toEqual({ told: ['red 0'], begun: null, performed: ['red'] });
});

test('code that has come to its end tells its result, as JSON', async () => {
  const { ended } = await runAhead(async (saga) => {
    await saga.step(red, label('a'));
    return { at: new Date(0), nothing: undefined };
  });
  expect(ended).toEqual({ result: { at: '1970-01-01T00:00:00.000Z' } });
});

test.each<[string, (saga: InlineSaga) => Promise<unknown>]>([
  ['was stopped, and goes on all the same', async (saga) => saga.decision().catch(() => {})],
  [
    'has caught that it was stopped',
    async (saga) => {
      try {
        return saga.fail();
      } catch {
        return 'caught';
      }
    },
  ],
  ['did not wait for a step', async (saga) => void saga.step(red, label('a'))],
  ['has failed', () => Promise.reject(new Error('a defect'))],
])('code has come to no end that %s', async (_, code) => {
  expect((await runAhead(code)).ended).toBeNull();
});

test('it stops at a step that gives no answer, which was begun', async () => {
  const { told, begun } = await runAhead(all, {}, async () => undefined);
  expect(told).toEqual([]);
  expect(begun).toEqual({ step: 'red', input: label('a') });
});

test('it stops at a step whose service is not here, and names it', async () => {
  const stretch = await runAhead(
    async (saga) => {
      await saga.step(red, label('a'));
      await saga.step(elsewhere, label('b'));
    },
    { placement: ['probe', 'elsewhere'] },
  );
  expect(stretch).toMatchObject({ told: ['red 0'], begun: null, away: 'elsewhere' });
});
