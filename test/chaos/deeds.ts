import { isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { expect } from 'vitest';
import { unwinderId, workflowId } from '../../src/saga/state.ts';
import { unwinderOf } from '../support/left-behind.ts';
import { resetAt } from '../support/reset.ts';
import type { System } from '../support/system.ts';
import type { Tale } from './tales.ts';

/** `luck`: from 0 to 1. */
type Act = (system: System, tale: Tale, luck: number) => Promise<unknown>;

const reason = 'at random';
const malformed: unknown[] = [null, 'text', 17, [], {}, { by: '', reason }, { by: 'olga', reason, step: 5 }];

const post =
  (action: string, body: object = {}): Act =>
  async (system, { id }, luck) => {
    const sent = { reason, ...body, ...(luck < 0.5 && { id: 'the same' }) };
    const { status, body: answer } = await system.call('POST', `/sagas/${id}/${action}`, sent);
    if (status !== 503) expect(status, JSON.stringify(answer)).toBeLessThan(500);
  };
const signal =
  (name: string, payloads: unknown[] = [{ by: 'olga', reason }]): Act =>
  ({ handle }, { saga, id }, luck) =>
    handle(saga, id).signal(name, payloads[Math.floor(luck * payloads.length)]);
const reset =
  (nameOf: (tale: Tale) => string): Act =>
  async ({ temporal: { client } }, tale, luck) => {
    const { events } = await client.workflow.getHandle(nameOf(tale)).fetchHistory();
    const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
    await resetAt(client, { workflowId: nameOf(tale) }, tasks[Math.floor(luck * tasks.length)]);
  };

/** What clients and operators do to a saga, over HTTP and with Temporal's CLI, whether it makes sense or not. */
export const deeds: Record<string, Act> = {
  approve: post('decision', { approved: true }),
  decline: post('decision', { approved: false }),
  'decide by signal': signal('decide', [{ approved: true, by: 'uma', reason }, ...malformed]),
  retry: post('retry'),
  'retry by signal': signal('retry'),
  correct: post('correct', { input: { loan_amount: 400_000 } }),
  compensate: post('compensate'),
  'compensate by signal': signal('compensate'),
  'compensate, malformed': signal('compensate', malformed),
  'an unknown signal': signal('nonsense', malformed),
  cancel: ({ handle }, { saga, id }) => handle(saga, id).cancel(),
  terminate: ({ handle }, { saga, id }) => handle(saga, id).terminate(reason),
  reset: reset(({ saga, id }) => workflowId(saga, id)),
  'reset the stand-in': reset(({ id }) => unwinderId(id)),
  'terminate the stand-in': (system, { id }) => unwinderOf(system, id).terminate(reason),
  'cancel the stand-in': (system, { id }) => unwinderOf(system, id).cancel(),
};

/** Temporal refuses what comes too late, or before there is anything to do it to. */
export const perform = (system: System, tale: Tale, deed: string, luck: number) =>
  deeds[deed]?.(system, tale, luck).catch((error: unknown) => {
    if (!(error instanceof WorkflowNotFoundError) && !isGrpcServiceError(error)) throw error;
  });
