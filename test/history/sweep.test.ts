import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startUnwinders } from '../../src/activities/start-unwinders.ts';
import { createLogger } from '../../src/logger.ts';
import { unwinderStatus } from '../support/left-behind.ts';
import { untilIndexed } from '../support/reset.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

async function pass(attempt: { heartbeatDetails?: unknown }, since: string | null) {
  const logger = createLogger('test', 'silent');
  const alerts = { temporalUiUrl: 'http://ui', alertAfter: 'PT5M', alertWebhookUrl: undefined };
  const beats: unknown[] = [];
  const activity = new MockActivityEnvironment(attempt);
  activity.on('heartbeat', (details: unknown) => beats.push(details));
  const environment = { ...alerts, temporal: system.temporal.client, logger };
  const began = z.string().parse(await activity.run(startUnwinders, environment, since));
  return { began, beats };
}

/** More than fit on one page. */
const many = 120;

test('every saga of many that were terminated at once gets its unwinder, and one alone', async () => {
  await system.rest('sagas');
  const ids = await Promise.all(Array.from({ length: many }, () => system.start('rehearsal', {})));
  for (const id of ids) await system.handle('rehearsal', id).terminate('all of them');
  const { client } = system.temporal;
  const count = (query: string) => client.workflow.count(query).then(({ count }) => count);
  const terminated = 'WorkflowType = "rehearsal" and ExecutionStatus = "Terminated"';
  await expect.poll(() => count(terminated), { timeout: 20_000 }).toBe(many);

  const first = await pass({}, null);
  expect(first.beats).toHaveLength(1);
  const unwinders = 'WorkflowType = "unwind"';
  await expect.poll(() => count(unwinders), { timeout: 20_000 }).toBe(many);

  const [heartbeatDetails] = first.beats;
  expect(await pass({ heartbeatDetails }, null)).toEqual({ began: first.began, beats: [] });
  const later = await pass({}, first.began);
  expect(Date.parse(later.began)).toBeGreaterThan(Date.parse(first.began));
  await system.work('sagas');
  const failed = `${unwinders} and SagaState = "failed"`;
  await expect.poll(() => count(failed), { timeout: 60_000 }).toBe(many);
  expect(await count(unwinders)).toBe(many);
});

test('one that the index shows minutes late, or that closed by a clock behind this one, gets its unwinder', async () => {
  await system.rest('sagas');
  const id = await system.start('rehearsal', {});
  await system.handle('rehearsal', id).terminate('late');
  await untilIndexed(system, `rehearsal-${id}`, 'Terminated');
  await pass({}, new Date(Date.now() + 10 * 60_000).toISOString());
  expect(await unwinderStatus(system, id)).toBe('RUNNING');
  await system.work('sagas');
});
