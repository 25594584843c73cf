import { optionalTsToMs } from '@temporalio/common/lib/time';
import type { temporal } from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Failpoint } from '../../src/guard/failpoints.ts';
import { mortgageOrigination } from '../../src/workflows/mortgage-origination.ts';
import { heal, originate } from '../support/originations.ts';
import { type System, startSystem, stepsOf } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

/** The way of a granted application, from the step objects. */
const { steps } = mortgageOrigination.definition;
const way = steps.filter(({ name }) => !['claim-customer', 'reject-application'].includes(name));
const pivot = way.findIndex((step) => step.pivot);
const beforePivot = way.slice(0, pivot);
const afterPivot = way.slice(pivot + 1);

type Fault = Omit<Failpoint, 'saga'>;

/** The faults hit this saga only: the tests run side by side. */
async function runWith(...faults: Fault[]) {
  const id = await originate(system, faults);
  return { id, saga: await untilEnded(id) };
}

/** Gives up what is parked since it could be corrected: the saga then unwinds as from any other step. */
async function untilEnded(id: string) {
  const saga = await system.untilState(id, 'parked', 'completed', 'compensated', 'cancelled', 'failed');
  if (saga.state !== 'parked') return saga;
  const { status } = await system.command(id, 'compensate');
  expect(status).toBe(200);
  return system.untilEnded(id);
}

async function expectNothingLeft(id: string) {
  const { customer, mortgage, loan } = system.sql;
  expect(await customer`select 1 from customer where saga_id = ${id}`).toHaveLength(0);
  expect(await customer`select 1 from customer_claim where claimed_by = ${id}`).toHaveLength(0);
  const open =
    await mortgage`select 1 from application where saga_id = ${id} and (status <> 'withdrawn' or held_by is not null)`;
  expect(open).toHaveLength(0);
  const live =
    await loan`select 1 from loan where saga_id = ${id} and (status <> 'cancelled' or held_by is not null)`;
  expect(live).toHaveLength(0);
  expect(await loan`select 1 from ledger_entry where saga_id = ${id}`).toHaveLength(0);
}

async function expectPaidOutOnce(id: string) {
  const { customer, mortgage, loan } = system.sql;
  expect(await customer`select 1 from customer where saga_id = ${id}`).toHaveLength(1);
  expect(await mortgage`select status, held_by from application where saga_id = ${id}`).toEqual([
    { status: 'approved', held_by: null },
  ]);
  expect(await loan`select status, held_by from loan where saga_id = ${id}`).toEqual([
    { status: 'active', held_by: null },
  ]);
  expect(await loan`select amount from ledger_entry where saga_id = ${id} order by leg`).toEqual([
    { amount: '50000000' },
    { amount: '-50000000' },
  ]);
}

/** The undos of every step up to `failed`, last first; a step without a compensation has none. */
const undone = (failed: string) =>
  way
    .slice(0, way.findIndex(({ name }) => name === failed) + 1)
    .filter(({ compensation, pivot }) => compensation !== null || pivot)
    .map(({ name }) => `undo ${name}`)
    .reverse();

const undosOf = (saga: Parameters<typeof stepsOf>[0]) =>
  stepsOf(saga).flatMap((line) => (line.startsWith('undo') ? [line.split(' ').slice(0, 2).join(' ')] : []));

describe.each(beforePivot)('$name', ({ name }) => {
  test.concurrent('refused: what came before is undone in reverse order, and nothing is left', async () => {
    const { id, saga } = await runWith({ step: name, op: 'do', at: 'before', do: 'refuse' });
    expect(saga.state).toBe('compensated');
    expect(undosOf(saga)).toEqual(undone(name));
    expect(saga.errors.execution[0]).toMatchObject({ step: name, op: 'do', type: 'refused' });
    await expectNothingLeft(id);
  });

  test.concurrent('committed and then answered with a refusal: it is undone as well', async () => {
    const { id, saga } = await runWith({ step: name, op: 'do', at: 'after_commit', do: 'refuse' });
    expect(saga.state).toBe('compensated');
    expect(undosOf(saga)).toEqual(undone(name));
    expect(stepsOf(saga)).not.toContain(`undo ${name} nothing-to-undo`);
    await expectNothingLeft(id);
  });

  test.concurrent('committed, its answer lost, tried again: it counts once', async () => {
    const { id, saga } = await runWith({ step: name, op: 'do', at: 'after_commit', do: 'error', attempt: 1 });
    expect(saga.state).toBe('completed');
    expect(saga.errors).toEqual({ execution: [], compensation: [] });
    await expectPaidOutOnce(id);
  });

  test.concurrent('whose undo fails twice, before and after its commit: it is undone once', async () => {
    const { id, saga } = await runWith(
      { step: 'disburse-funds', op: 'do', at: 'before', do: 'refuse' },
      { step: name, op: 'undo', at: 'before', do: 'refuse', attempt: 1 },
      { step: name, op: 'undo', at: 'after_commit', do: 'error', attempt: 2 },
    );
    expect(saga.state).toBe('compensated');
    expect(undosOf(saga)).toEqual(undone('disburse-funds'));
    expect(saga.errors.compensation).toEqual([]);
    await expectNothingLeft(id);
  });
});

describe('the pivot', () => {
  test.concurrent('refused is fenced by a tombstone, and the saga unwinds and alerts nobody', async () => {
    const { id, saga } = await runWith({ step: 'disburse-funds', op: 'do', at: 'before', do: 'refuse' });
    expect(saga.state).toBe('compensated');
    expect(saga.timeline.filter((entry) => 'event' in entry)).toEqual([]);
    expect(stepsOf(saga)).toContain('undo disburse-funds nothing-to-undo');
    expect(
      await system.sql
        .loan`select written_by from saga_step where saga_id = ${id} and step = 'disburse-funds' and op = 'do'`,
    ).toEqual([{ written_by: 'undo' }]);
    await expectNothingLeft(id);
  });

  test.concurrent('that has committed though its answer says refused: the saga goes forward', async () => {
    const { id, saga } = await runWith({
      step: 'disburse-funds',
      op: 'do',
      at: 'after_commit',
      do: 'refuse',
    });
    expect(saga).toMatchObject({ state: 'completed', errors: { execution: [], compensation: [] } });
    expect(stepsOf(saga)).toContain('undo disburse-funds nothing-to-undo');
    await expectPaidOutOnce(id);
  });

  test.concurrent('with an unknown outcome is tried until it is known', async () => {
    const { id, saga } = await runWith({
      step: 'disburse-funds',
      op: 'do',
      at: 'before',
      do: 'error',
      times: 4,
    });
    expect(saga.state).toBe('completed');
    expect(saga.timeline).toContainEqual(
      expect.objectContaining({ step: 'disburse-funds', status: 'done', attempt: 5 }),
    );
    await expectPaidOutOnce(id);
  });
});

describe.each(afterPivot)('$name, past the pivot,', ({ name }) => {
  test.concurrent('is tried until it is done', async () => {
    const { id, saga } = await runWith(
      { step: name, op: 'do', at: 'before', do: 'error', attempt: 1 },
      { step: name, op: 'do', at: 'after_commit', do: 'error', attempt: 2 },
    );
    expect(saga.state).toBe('completed');
    await expectPaidOutOnce(id);
  });

  test.concurrent('is not undone by a cancel, which is recorded', async ({ expect }) => {
    const id = await originate(system, [{ step: name, op: 'do', at: 'before', do: 'error' }]);
    await expect
      .poll(async () => stepsOf(await system.get(id)), { interval: 20, timeout: 20_000 })
      .toContain(`do ${name} running`);
    await system.handle('mortgage-origination', id).cancel();
    heal(system, id);
    const saga = await system.untilEnded(id);
    expect(saga.state).toBe('completed');
    expect(saga.timeline).toContainEqual(expect.objectContaining({ event: 'cancel-requested' }));
    await expectPaidOutOnce(id);
  });
});

test.concurrent('the pivot alone is tried without limit; all else 20 times, after 0.2 s, doubling to 10 s', async () => {
  const { id } = await runWith({ step: 'disburse-funds', op: 'do', at: 'before', do: 'refuse', times: 1 });
  const granted = await runWith();
  const policies = new Map<string, object>();
  for (const saga of [id, granted.id]) {
    const { events } = await system.handle('mortgage-origination', saga).fetchHistory();
    for (const { activityTaskScheduledEventAttributes: scheduled } of events ?? [])
      if (scheduled) policies.set(scheduled.activityType?.name ?? '', policyOf(scheduled.retryPolicy ?? {}));
  }
  const delays = { first: 200, factor: 2, longest: 10_000 };
  expect(policies.get('disburse-funds')).toEqual({ attempts: 0, ...delays });
  policies.delete('disburse-funds');
  expect(policies.size).toBeGreaterThan(way.length);
  for (const policy of policies.values()) expect(policy).toEqual({ attempts: 20, ...delays });
});

const policyOf = (policy: temporal.api.common.v1.IRetryPolicy) => ({
  attempts: policy.maximumAttempts,
  first: optionalTsToMs(policy.initialInterval),
  factor: policy.backoffCoefficient,
  longest: optionalTsToMs(policy.maximumInterval),
});

test.concurrent('a cancel while a step runs lets it settle and then undoes it', async ({ expect }) => {
  const id = await originate(system, [{ step: 'book-loan', op: 'do', at: 'after_commit', do: 'error' }]);
  await expect
    .poll(async () => stepsOf(await system.get(id)), { interval: 20, timeout: 20_000 })
    .toContain('do book-loan running');
  await system.handle('mortgage-origination', id).cancel();
  heal(system, id);
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('cancelled');
  expect(stepsOf(saga)).toContain('do book-loan done');
  expect(undosOf(saga)).toEqual(undone('book-loan'));
  await expectNothingLeft(id);
});

test.concurrent('a cancel while the saga unwinds changes nothing', async () => {
  const id = await originate(system, [
    { step: 'book-loan', op: 'do', at: 'before', do: 'refuse' },
    { step: 'approve-application', op: 'undo', at: 'before', do: 'error' },
  ]);
  await system.untilState(id, 'compensating');
  await system.handle('mortgage-origination', id).cancel();
  heal(system, id);
  const saga = await system.untilEnded(id);
  expect(saga.state).toBe('compensated');
  expect(undosOf(saga)).toEqual(undone('book-loan'));
  await expectNothingLeft(id);
});

test.concurrent('a step that hangs is tried again and, when refused then, undone', async () => {
  const { id, saga } = await runWith(
    { step: 'book-loan', op: 'do', at: 'before', do: 'hang', attempt: 1 },
    { step: 'book-loan', op: 'do', at: 'before', do: 'refuse', attempt: 2 },
  );
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution).toMatchObject([{ step: 'book-loan', type: 'refused', attempts: 2 }]);
  await expectNothingLeft(id);
});

test('no driver message, statement or stack reaches the timeline or the workflow', async () => {
  await system.sql.mortgage`alter table application rename to application_away`;
  const id = await originate(system);
  await expect
    .poll(
      async () =>
        (await system.get(id)).timeline.find((t) => 'step' in t && t.step === 'submit-application')?.[
          'error'
        ],
      { interval: 50, timeout: 10_000 },
    )
    .toBeTruthy();
  const text = JSON.stringify(await system.get(id));
  await system.sql.mortgage`alter table application_away rename to application`;
  expect(text).toContain('an unexpected error in the mortgage service; its log says more');
  expect(text).not.toMatch(/relation|insert into|at Object|\.ts/);
  expect((await system.untilEnded(id)).state).toBe('completed');
});
