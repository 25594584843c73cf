import type { ExpectStatic } from 'vitest';
import { unwinderId, workflowId } from '../../src/saga/state.ts';
import { heal } from '../support/originations.ts';
import type { System } from '../support/system.ts';
import { type Case, interruptionOf } from './case.ts';
import { closingOf } from './closing.ts';
import { expectedOf } from './expected.ts';
import { faultsOf } from './faults.ts';
import { look } from './look.ts';
import { perform } from './perform.ts';
import { alike, isSeenInside } from './placed.ts';
import { sagas } from './sagas.ts';

interface MatrixSystem extends System {
  /** The failpoints that were met: `saga step`. */
  met: ReadonlySet<string>;
}

const timeout = 60_000;
const patience = { interval: 300, timeout };

/** `expect` is the test's own: several run at once. */
export async function runCase(system: MatrixSystem, one: Case, expect: ExpectStatic) {
  const { saga, way } = one;
  const expected = expectedOf(one);
  const input = await way.input(system);
  const id = crypto.randomUUID();
  system.config.failpoints.push(...faultsOf(one).map((fault) => ({ ...fault, saga: id })));
  expect(await system.call('POST', '/start', { saga_id: id, type: saga, ...input })).toMatchObject({
    status: 202,
  });
  const comparable = alike(one);
  const seen = async () => comparable(await look(system, id));
  const during = interruptionOf(one)?.during;
  for (const { view, act } of expected.stops) {
    const interrupts = during && (act === 'cancel' || act === 'terminate');
    if (interrupts)
      await expect.poll(() => system.met.has(`${id} ${during}`), { interval: 50, timeout }).toBe(true);
    if (!interrupts || isSeenInside(one)) await expect.poll(seen, patience).toMatchObject(comparable(view));
    expect(await perform(system, { saga, id }, act)).toBe(typeof act === 'object' && act.refused ? 409 : 200);
  }
  const workflows = [workflowId(saga, id), unwinderId(id)].slice(0, expected.closed.length);
  await untilClosed(system, workflows);
  await expect.poll(seen, patience).toEqual(comparable(expected.end));
  heal(system, id);

  const { result } = await system.get(id);
  if (expected.result) expect(result).toMatchObject(expected.result);
  else expect(result).toBeNull();
  await expect.poll(() => sagas[saga].rows(system, id, input), patience).toEqual(expected.rows);
  expect(await Promise.all(workflows.map((name) => closingOf(system, name)))).toEqual(expected.closed);
}

/** Waits for Temporal, which costs less than to poll. Of one that stays open, the comparison shows why. */
function untilClosed({ temporal: { client } }: System, workflows: readonly string[]) {
  const closed = () =>
    Promise.allSettled(workflows.map((workflow) => client.workflow.getHandle(workflow).result()));
  return client.withDeadline(Date.now() + timeout, closed);
}
