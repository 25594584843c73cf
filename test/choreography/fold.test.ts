import { expect, test } from 'vitest';
import { snapshotOf } from '../../src/choreography/fold.ts';
import type { SagaEvent } from '../../src/services/registry/append-event.ts';

const [first, second] = ['2026-01-31T09:30:00.000Z', '2026-01-31T09:30:01.000Z'];
const created: SagaEvent = {
  ...{ service: 'order', id: 1, sagaId: crypto.randomUUID(), seq: 1, context: {}, payload: {}, attempt: 1 },
  ...{ type: 'order.created', op: 'do', step: 'create-order', at: new Date(first) },
};
const paid: SagaEvent = {
  ...{ ...created, service: 'payment', seq: 2 },
  ...{ type: 'payment.processed', step: 'create-payment', at: new Date(second) },
};

test('a step begins with the event before it, and ends with its own', () => {
  const { timeline } = snapshotOf([created, paid], undefined);
  expect(timeline).toMatchObject([
    { step: 'create-order', status: 'done', started_at: first, finished_at: first },
    { step: 'create-payment', status: 'done', started_at: first, finished_at: second },
    { step: 'reserve-inventory', status: 'running', started_at: second, finished_at: null },
  ]);
});

test('an event that only a newer version knows does not end the purchase', () => {
  const wrapped = { ...created, type: 'order.wrapped', step: 'wrap-order' };
  expect(snapshotOf([created, wrapped], undefined)).toMatchObject({ state: 'running', step: 'wrap-order' });
});
