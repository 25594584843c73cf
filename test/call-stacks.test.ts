import { afterEach, expect, test } from 'vitest';
import { waitingSaga } from './support/left-behind.ts';
import { type System, startSystem } from './support/system.ts';

let system: System;
afterEach(() => system.end());

/** Of a saga that waits for its underwriter, as the Web UI asks for it. */
async function callStack(env: Record<string, string>) {
  system = await startSystem({ env });
  const id = await waitingSaga(system);
  const stack: string = await system.handle('mortgage-origination', id).query('__stack_trace');
  await system.command(id, 'decision', { approved: true });
  expect((await system.untilEnded(id)).state).toBe('completed');
  return stack;
}

// In this order: what a process has left out stays left out.
test('a worker that is told to keeps call stacks, with the places in the code', async () => {
  expect(await callStack({ CALL_STACKS: 'on' })).toMatch(/workflow-saga\.ts:\d+/);
});

test('one that is not told to keeps none', async () => {
  expect(await callStack({})).toBe('');
});
