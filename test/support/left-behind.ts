import { expect } from 'vitest';
import { referred } from './originations.ts';
import type { System } from './system.ts';

export const origination = 'mortgage-origination';

/** An application that waits for an underwriter. */
export async function waitingSaga(system: System): Promise<string> {
  const id = await system.start(origination, referred());
  await system.untilState(id, 'waiting');
  return id;
}

export const unwinderOf = ({ temporal }: System, id: string) =>
  temporal.client.workflow.getHandle(`unwind-${id}`);

export async function untilUnwinder(system: System, id: string): Promise<void> {
  const status = () =>
    unwinderOf(system, id)
      .describe()
      .then(
        ({ status }) => status.name,
        () => 'none',
      );
  await expect.poll(status, { timeout: 30_000 }).toBe('RUNNING');
}

export const byOlga = { by: 'olga', reason: 'terminated by mistake' };
