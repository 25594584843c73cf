import { afterAll, beforeAll, expect, test } from 'vitest';
import { originate } from '../support/originations.ts';
import { type SagaView, type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ workflows: 'quick', env: { ALERT_AFTER: 'PT1S' } });
});
afterAll(() => system.end());

const refused = { step: 'book-loan', op: 'do', at: 'before', do: 'refuse' } as const;
const alertsOf = (saga: SagaView) =>
  saga.timeline.filter((entry) => 'event' in entry && entry.event === 'alert');

test('a saga that unwinds for longer than ALERT_AFTER alerts once, and goes on unwinding', async () => {
  const slow = { step: 'submit-application', op: 'undo', at: 'before', do: 'hang', attempt: 1 } as const;
  const saga = await system.untilEnded(await originate(system, [refused, slow]));
  expect(saga.state).toBe('compensated');
  expect(alertsOf(saga)).toMatchObject([{ op: 'undo', error: 'unwinding for longer than PT1S' }]);
});

test('what is parked for long while the saga unwinds alerts for both, once each', async () => {
  const failing = { step: 'submit-application', op: 'undo', at: 'before', do: 'error' } as const;
  const id = await originate(system, [refused, failing]);
  await expect.poll(async () => alertsOf(await system.get(id)).length, { timeout: 10_000 }).toBe(2);
  system.config.failpoints.length = 0;
  const { status } = await system.command(id, 'retry');
  expect(status).toBe(200);
  const saga = await system.untilEnded(id);
  expect(alertsOf(saga)).toHaveLength(2);
});
