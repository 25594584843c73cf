import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { doStep, undoStep } from '../../src/guard/guard.ts';
import type { StepCall } from '../../src/saga/step.ts';
import {
  type EffectsDatabase,
  effectsDatabase,
  hooks,
  leaveEffects,
  leaveEffectsForGood,
} from '../support/guarded-effects.ts';
import { lockWaits } from '../support/lock-waits.ts';

let db: EffectsDatabase;
let call: StepCall;

beforeAll(async () => {
  db = await effectsDatabase();
});
afterAll(() => db.end());

beforeEach(async () => {
  hooks.between = async () => {};
  hooks.refuses = false;
  await db.empty();
  call = { saga_id: randomUUID(), step: 'leave-effects', generation: 1, position: 0, input: { label: 'a' } };
});

const run = (other: Partial<StepCall> = {}) => doStep(db.database, leaveEffects, { ...call, ...other });
const undo = () => undoStep(db.database, leaveEffects, call);

/** Halts the step at a point until it is let go on. */
function gate(at: number) {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    hooks.between = async (point) => {
      if (point !== at) return;
      resolve();
      await opened;
    };
  });
  return { reached, open };
}

/** Waits until some statement waits for a lock. */
async function somebodyWaits() {
  await expect.poll(async () => (await lockWaits(db.sql)).length, { interval: 10 }).toBeGreaterThan(0);
}

describe('a step', () => {
  test('has its effects and returns its result', async () => {
    expect(await run()).toEqual({ label: 'a' });
    expect(await db.effects()).toEqual(['a first', 'a second']);
  });

  test('that is delivered again returns the stored result and has no second effect', async () => {
    await run();
    hooks.refuses = true;
    expect(await run()).toEqual({ label: 'a' });
    expect(await db.effects()).toHaveLength(2);
  });

  test('that is delivered four times at once has its effects once and one result', async () => {
    const answers = await Promise.all([run(), run(), run(), run()]);
    expect(answers).toEqual(Array(4).fill({ label: 'a' }));
    expect(await db.effects()).toHaveLength(2);
  });

  test('that comes again with another input is a conflict', async () => {
    await run();
    await expect(run({ input: { label: 'b' } })).rejects.toMatchObject({ type: 'conflict' });
    expect(await db.effects()).toEqual(['a first', 'a second']);
  });

  test('that comes again with its input in another order is the same', async () => {
    await run({ input: { label: 'a', note: 'n' } });
    expect(await run({ input: { note: 'n', label: 'a' } })).toEqual({ label: 'a' });
  });

  test('that comes again after it was undone is fenced', async () => {
    await run();
    await undo();
    await expect(run()).rejects.toMatchObject({ type: 'fenced', message: 'was undone after it ran' });
    expect(await db.effects()).toEqual(['a first', 'a second', 'a reversed']);
  });

  test('that is refused leaves nothing, and may be done later', async () => {
    hooks.refuses = true;
    await expect(run()).rejects.toMatchObject({ type: 'refused', message: 'not today' });
    expect(await db.guardRows()).toBe(0);
    hooks.refuses = false;
    await run();
    expect(await db.effects()).toHaveLength(2);
  });

  test('whose input does not fit its schema is refused', async () => {
    await expect(run({ input: { label: 7 } })).rejects.toMatchObject({ type: 'refused' });
    expect(await db.guardRows()).toBe(0);
  });

  test('of another generation is another step', async () => {
    await run();
    await run({ generation: 2 });
    expect(await db.effects()).toHaveLength(4);
  });
});

describe('an undo', () => {
  test('reverses what the step did', async () => {
    await run();
    expect(await undo()).toEqual({ outcome: 'undone' });
    expect(await db.effects()).toEqual(['a first', 'a second', 'a reversed']);
  });

  test('that is delivered again returns the same and reverses nothing', async () => {
    await run();
    await undo();
    expect(await undo()).toEqual({ outcome: 'undone' });
    expect(await db.effects()).toHaveLength(3);
  });

  test('that comes four times at once reverses once', async () => {
    await run();
    expect(await Promise.all([undo(), undo(), undo(), undo()])).toEqual(Array(4).fill({ outcome: 'undone' }));
    expect(await db.effects()).toHaveLength(3);
  });

  test('of a step that never ran reverses nothing', async () => {
    expect(await undo()).toEqual({ outcome: 'nothing-to-undo' });
    expect(await undo()).toEqual({ outcome: 'nothing-to-undo' });
    expect(await db.effects()).toEqual([]);
  });

  test('fences the step that comes after it', async () => {
    await undo();
    await expect(run()).rejects.toMatchObject({ type: 'fenced' });
    expect(await db.effects()).toEqual([]);
  });

  test('that meets its step half-way waits for it and reverses it', async () => {
    const { reached, open } = gate(2);
    const running = run();
    await reached;
    const undoing = undo();
    await somebodyWaits();
    open();
    expect(await running).toEqual({ label: 'a' });
    expect(await undoing).toEqual({ outcome: 'undone' });
    expect(await db.effects()).toEqual(['a first', 'a second', 'a reversed']);
  });

  test('that meets its step half-way, which is refused then, reverses nothing', async () => {
    // Its row is there: the step begins before it is, and an undo that comes then is the first.
    const { reached, open } = gate(2);
    const running = run({ input: { label: 'a' } });
    await reached;
    const undoing = undo();
    await somebodyWaits();
    hooks.between = async (point) => {
      if (point === 3) throw new Error('breaks');
    };
    open();
    await expect(running).rejects.toThrow('breaks');
    expect(await undoing).toEqual({ outcome: 'nothing-to-undo' });
    expect(await db.effects()).toEqual([]);
  });
});

describe('a pivot', () => {
  test('that has committed is left alone by its undo, which returns the result', async () => {
    await doStep(db.database, leaveEffectsForGood, call);
    const outcome = await undoStep(db.database, leaveEffectsForGood, call);
    expect(outcome).toEqual({ outcome: 'committed', result: { label: 'a' } });
    expect(await db.effects()).toEqual(['a first', 'a second']);
  });

  test('that was undone before it came is fenced', async () => {
    expect(await undoStep(db.database, leaveEffectsForGood, call)).toEqual({ outcome: 'nothing-to-undo' });
    await expect(doStep(db.database, leaveEffectsForGood, call)).rejects.toMatchObject({ type: 'fenced' });
  });
});
