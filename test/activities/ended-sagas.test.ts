import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { endedSagas } from '../../src/activities/ended-sagas.ts';
import { sagaStateKey, sagaStepKey, sagaTypeKey } from '../../src/saga/state.ts';
import { sagaTaskQueue } from '../../src/workflows/start-options.ts';
import { resetToBefore, untilIndexed } from '../support/reset.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

const type = 'rehearsal';

/** What Temporal has of a saga that has completed, without the work. */
async function end(id: string) {
  const workflowId = `${type}-${id}`;
  const content = { saga_id: id, type, step: null, op: null, error: 'nothing', since: '' };
  await system.temporal.client.workflow.execute('alert', {
    taskQueue: sagaTaskQueue,
    workflowId,
    args: [content, workflowId],
    typedSearchAttributes: [
      { key: sagaTypeKey, value: type },
      { key: sagaStateKey, value: 'completed' },
      { key: sagaStepKey, value: '' },
    ],
  });
}

test('two hundred and fifty sagas that have ended are read with two calls of the few that a server allows', async () => {
  const ids = Array.from({ length: 250 }, () => randomUUID());
  await Promise.all(ids.map(end));
  const { client } = system.temporal;
  const calls = vi.spyOn(client.workflowService, 'listWorkflowExecutions');
  const pass = async () => {
    calls.mockClear();
    const found: string[] = [];
    let page: string | null = null;
    do {
      const { sagaIds, next } = await endedSagas(client, null, page);
      found.push(...sagaIds);
      page = next;
    } while (page !== null);
    return found.toSorted();
  };
  await expect.poll(pass, { timeout: 30_000, interval: 200 }).toEqual(ids.toSorted());
  expect(calls).toHaveBeenCalledTimes(2);
  calls.mockRestore();
});

test('a saga that was reset since it ended is none of them', async () => {
  const id = await system.start(type, {});
  await system.untilEnded(id);
  await system.rest('loan');
  const workflowId = `${type}-${id}`;
  await resetToBefore(system, workflowId, 'visit-loan');
  for (const status of ['Completed', 'Running']) await untilIndexed(system, workflowId, status);
  const { sagaIds } = await endedSagas(system.temporal.client, null, null);
  expect(sagaIds).not.toContain(id);
  await system.work('loan');
  await system.untilEnded(id);
});
