import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, vi } from 'vitest';
import { startUnwinders } from '../../src/activities/start-unwinders.ts';
import { referred } from './originations.ts';
import type { System } from './system.ts';

export const origination = 'mortgage-origination';

/** An application that waits for an underwriter. */
export async function waitingSaga(system: System): Promise<string> {
  const id = await system.start(origination, referred());
  await system.untilState(id, 'waiting');
  return id;
}

type Connected = Pick<System, 'config' | 'temporal'>;

export const unwinderOf = ({ temporal }: Pick<System, 'temporal'>, id: string) =>
  temporal.client.workflow.getHandle(`unwind-${id}`);

/** The event that ends its first task: from there it can be reset. */
export const firstTaskOf = (system: Pick<System, 'temporal'>, id: string) =>
  vi.waitUntil(
    async () =>
      (await unwinderOf(system, id).fetchHistory()).events?.find(
        (event) => event.workflowTaskCompletedEventAttributes,
      ),
    { timeout: 10_000 },
  );

export const unwinderStatus = (system: Connected, id: string): Promise<string> =>
  unwinderOf(system, id)
    .describe()
    .then(
      ({ status }) => status.name,
      () => 'none',
    );

/** A pass of the sweep itself: the next one by the worker is up to 5 s away. */
export function sweep({ config, temporal }: Connected): Promise<unknown> {
  const environment = { temporal: temporal.client, alertAfter: config.alerts.after };
  return new MockActivityEnvironment().run(startUnwinders, environment, null);
}

export async function untilUnwinder(system: Connected, id: string): Promise<void> {
  const status = async () => {
    if ((await unwinderStatus(system, id)) !== 'RUNNING') await sweep(system);
    return unwinderStatus(system, id);
  };
  await expect.poll(status, { timeout: 30_000, interval: 100 }).toBe('RUNNING');
}

export const byOlga = { by: 'olga', reason: 'terminated by mistake' };
