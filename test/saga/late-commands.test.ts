import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation } from '@temporalio/client';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandUpdate } from '../../src/saga/messages.ts';
import { untilUnwinder } from '../support/left-behind.ts';
import { startProbes } from '../support/probes.ts';
import { resetAt, resetToBefore } from '../support/reset.ts';
import { stepsOf } from '../support/system.ts';
import type { Part } from '../support/workflows/probe.ts';

let probes: Awaited<ReturnType<typeof startProbes>>;
let sql: postgres.Sql;
beforeAll(async () => {
  probes = await startProbes();
  sql = postgres(probes.system.databases.loan, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await sql.end();
  await probes.end();
});

const red = (label: string): Part => ({ step: 'red', label });
const green = (label: string): Part => ({ step: 'green', label });
const blue = (label: string): Part => ({ step: 'blue', label });
const yes = { approved: true, by: 'uma', reason: 'fine' };
const olga = { by: 'olga', reason: 'seen to' };
const resolved = { by: 'olga', reason: 'seen to', at: expect.any(String) };

const handleOf = (id: string) => probes.system.temporal.client.workflow.getHandle(`probe-${id}`);
const unwinderOf = (id: string) => probes.system.temporal.client.workflow.getHandle(`unwind-${id}`);
const patience = { timeout: 20_000, interval: 50 };

async function terminated(id: string) {
  await handleOf(id).terminate('by hand');
  await untilUnwinder(probes.system, id);
}
const untilStep = (id: string, step: string) =>
  expect.poll(async () => stepsOf(await probes.read(id)), patience).toContain(step);
const eventsOf = async (id: string) =>
  (await probes.read(id)).timeline.flatMap((entry) => ('event' in entry ? [entry.event] : []));

test('a command that comes with the first workflow task gives the saga up before its pivot', async () => {
  const id = randomUUID();
  const startWorkflowOperation = new WithStartWorkflowOperation('probe', {
    workflowId: `probe-${id}`,
    taskQueue: 'sagas',
    args: [{ plan: [red('a'), { pivot: 'b' }] }],
    workflowIdConflictPolicy: 'FAIL',
  });
  const { workflow } = probes.system.temporal.client;
  const answer = await workflow.executeUpdateWithStart(commandUpdate('compensate'), {
    startWorkflowOperation,
    args: [olga],
  });
  expect(answer).toEqual({ state: 'compensating' });
  expect((await probes.untilEnded(id)).state).toBe('compensated');
  expect(await probes.marks(id)).not.toContain('b');
});

/** The database refuses to undo `step` until `work` is done. */
async function withoutUndo(step: 'green' | 'blue', work: () => Promise<unknown>) {
  await sql.unsafe(`create function stop_it() returns trigger language plpgsql as $$ begin
    if new.step = '${step}' and new.op = 'undo' then raise exception 'down'; end if; return new; end $$;
    create trigger stop_it before insert on saga_step for each row execute function stop_it()`);
  try {
    await work();
  } finally {
    await sql.unsafe('drop trigger stop_it on saga_step; drop function stop_it()');
  }
}

/** Resets to the last task before a cancel, if any, and reapplies nothing that came since. */
async function resetToLastTask(id: string) {
  const { events } = await handleOf(id).fetchHistory();
  const cancelled = events?.findIndex((event) => event.workflowExecutionCancelRequestedEventAttributes) ?? -1;
  const task = events
    ?.slice(0, cancelled === -1 ? undefined : cancelled)
    .findLast((event) => event.workflowTaskCompletedEventAttributes);
  const { client } = probes.system.temporal;
  await resetAt(client, { workflowId: `probe-${id}` }, task, {
    // Neither signals, updates, cancels nor Nexus.
    resetReapplyExcludeTypes: [1, 2, 3, 4],
  });
}

describe('a saga that is reset', () => {
  test('with a second stand-in still knows what the first one has undone', async () => {
    const { id } = await probes.start([red('a'), { decide: 'PT1H' }, { pivot: 'p' }]);
    await probes.untilState(id, 'waiting');
    await terminated(id);
    await unwinderOf(id).signal('compensate', olga);
    await probes.untilState(id, 'compensated');
    await probes.system.rest('sagas');
    await resetToLastTask(id);
    await handleOf(id).terminate('again');
    await probes.system.work('sagas');
    const standIn = async () => (await unwinderOf(id).describe()).status.name;
    await expect.poll(standIn, { timeout: 30_000 }).toBe('RUNNING');
    await probes.untilState(id, 'parked');
    await resetToLastTask(id);
    const saga = await probes.untilEnded(id);
    expect(saga.errors.execution).toMatchObject([
      { type: 'fenced', message: 'red was undone before the reset' },
    ]);
    expect(await probes.marks(id)).toEqual(['a', '-a']);
  });

  test('behind its pivot and corrected undoes nothing: the step is retried as it was', async () => {
    const { id, handle } = await probes.start([blue('a'), { pivot: 'p' }]);
    await handle.result();
    probes.spoil(id, 'a', 'refuse');
    await resetToBefore(probes.system, `probe-${id}`, 'blue');
    await probes.untilState(id, 'parked');
    probes.heal(id);
    await handleOf(id).signal('correct', { ...olga, input: { label: 'b' } });
    expect((await probes.untilEnded(id)).state).toBe('completed');
    expect(await eventsOf(id)).toContain('ignored-signal');
    expect(await probes.marks(id)).toEqual(['a', 'p']);
  });

  test('after a correction replays that as it was, and goes forward', async () => {
    const { id, handle } = await probes.start([blue('a'), { pivot: 'p' }], { a: 'refuse' });
    await probes.untilState(id, 'parked');
    probes.heal(id);
    await handle.signal('correct', { ...olga, input: { label: 'b' } });
    await handle.result();
    await resetToBefore(probes.system, `probe-${id}`, 'pivot');
    await expect.poll(() => probes.runs(id), patience).toBe(2);
    expect((await probes.untilEnded(id)).state).toBe('completed');
    expect(await probes.marks(id)).toEqual(['b', 'p']);
  });

  test('for the second time asks again what was undone, and does not go past its pivot', async () => {
    const { id } = await probes.start([red('a'), { decide: 'PT1H' }, green('b'), { pivot: 'p' }]);
    await probes.untilState(id, 'waiting');
    await resetToBefore(probes.system, `probe-${id}`, 'red');
    await probes.untilState(id, 'waiting');
    await handleOf(id).cancel();
    await probes.untilState(id, 'cancelled');
    await resetToLastTask(id);
    await expect.poll(() => probes.runs(id), patience).toBe(3);
    const saga = await probes.untilEnded(id);
    expect(saga.state).toBe('compensated');
    expect(saga.errors.execution).toMatchObject([
      { type: 'fenced', message: 'red was undone before the reset' },
    ]);
    expect(await probes.marks(id)).toEqual(['a', '-a']);
  });

  test('while its stand-in undoes it does nothing anew', async () => {
    const plan = [red('a'), { decide: 'PT1H' }, { pivot: 'p' }];
    const { id } = await probes.start(plan, { a: 'undo-fails' });
    await probes.untilState(id, 'waiting');
    await terminated(id);
    await unwinderOf(id).signal('compensate', olga);
    await untilStep(id, 'undo red parked');
    await resetToBefore(probes.system, `probe-${id}`, 'red');
    await probes.untilState(id, 'parked');
    probes.heal(id);
    await unwinderOf(id).signal('retry', olga);
    await expect.poll(() => probes.marks(id), patience).toEqual(['a', '-a']);
    await handleOf(id).signal('retry', olga);
    const saga = await probes.untilEnded(id);
    expect(saga.state).toBe('compensated');
    expect(await probes.marks(id)).toEqual(['a', '-a']);
  });

  test('after it was settled by hand does nothing anew', async () => {
    const { id } = await probes.start([red('a'), { decide: 'PT1H' }, { pivot: 'p' }]);
    await probes.untilState(id, 'waiting');
    await terminated(id);
    await unwinderOf(id).signal('resolve', olga);
    await probes.untilEnded(id);
    await resetToBefore(probes.system, `probe-${id}`, 'red');
    const ended = async () => (await handleOf(id).describe()).status.name;
    await expect.poll(ended, patience).toBe('FAILED');
    expect(await probes.marks(id)).toEqual(['a']);
  });

  test('behind its pivot, stopped and settled by hand, is completed', async () => {
    const { id } = await probes.start([red('a'), { decide: 'PT1H' }, { pivot: 'p' }]);
    await probes.untilState(id, 'waiting');
    await handleOf(id).signal('decide', yes);
    await probes.untilState(id, 'completed');
    await resetToBefore(probes.system, `probe-${id}`, 'red');
    await handleOf(id).cancel();
    await probes.untilState(id, 'parked');
    await handleOf(id).signal('resolve', olga);
    const saga = await probes.untilEnded(id);
    expect(saga.state).toBe('completed');
    expect(saga.errors.execution).toMatchObject([{ type: 'cancelled' }, { resolved }]);
    expect(await probes.marks(id)).toEqual(['a', 'p']);
  });
});

/** The run that a reset to before the pivot begins, to its end. */
async function resetToPivot(id: string) {
  const runId = await resetToBefore(probes.system, `probe-${id}`, 'pivot');
  await probes.system.temporal.client.workflow.getHandle(`probe-${id}`, runId).result();
  return probes.read(id);
}

describe('a pivot that was found committed', () => {
  test('behind its refusal was not undone by that: a run that is reset goes on past it', async () => {
    const { id, handle } = await probes.start([red('a'), { pivot: 'p' }], { p: 'refuse-after-commit' });
    await handle.result();
    probes.heal(id);
    const saga = await resetToPivot(id);
    expect(saga).toMatchObject({ state: 'completed', errors: { execution: [], compensation: [] } });
    expect(await probes.marks(id)).toEqual(['a', 'p']);
  });

  test('by a stand-in was not undone by that: a run that is reset goes on past it', async () => {
    const { id } = await probes.start([red('a'), { pivot: 'p' }, green('c')], { p: 'waits' });
    await expect.poll(() => probes.marks(id), patience).toEqual(['a', 'p']);
    await terminated(id);
    probes.heal(id);
    const compensate = unwinderOf(id).executeUpdate('compensate', { args: [olga] });
    await expect(compensate).resolves.toMatchObject({ refusal: { why: 'not-possible' } });
    expect((await resetToPivot(id)).state).toBe('completed');
    expect(await probes.marks(id)).toEqual(['a', 'p', 'c']);
  });

  test('behind a reset run that was refused: that run cannot be given up, and says so', async () => {
    const { id, handle } = await probes.start([red('a'), green('b'), { pivot: 'p' }]);
    await handle.result();
    probes.spoil(id, 'b', 'refuse');
    await resetToBefore(probes.system, `probe-${id}`, 'green');
    await probes.untilState(id, 'parked');
    const compensate = handleOf(id).executeUpdate('compensate', { args: [olga] });
    const possible = [{ action: 'resolve', step: null }];
    await expect(compensate).rejects.toMatchObject({ cause: { details: [{ possible }] } });
    await handleOf(id).signal('resolve', olga);
    const saga = await probes.untilEnded(id);
    expect(saga.state).toBe('completed');
    expect(saga.errors.execution).toMatchObject([{ step: 'green', type: 'refused' }, { resolved }]);
    expect(await probes.marks(id)).toEqual(['a', 'b', 'p']);
  });
});

describe('a command to give it up is not answered with compensating', () => {
  const giveUp = (id: string) => handleOf(id).executeUpdate('compensate', { args: [olga] });

  test('while the pivot may commit', async () => {
    const { id } = await probes.start([red('a'), { pivot: 'p' }], { p: 'waits' });
    await expect.poll(() => probes.marks(id), patience).toEqual(['a', 'p']);
    expect(await giveUp(id)).toEqual({ state: 'running' });
    probes.heal(id);
    expect((await probes.untilEnded(id)).state).toBe('completed');
  });

  test('after a reset, before which the pivot may have committed', async () => {
    const { id, handle } = await probes.start([red('a'), { pivot: 'p' }]);
    await handle.result();
    probes.spoil(id, 'a', 'waits');
    await resetToBefore(probes.system, `probe-${id}`, 'red');
    expect(await giveUp(id)).toEqual({ state: 'running' });
    probes.heal(id);
    await probes.untilState(id, 'parked');
    await handleOf(id).signal('resolve', olga);
    expect((await probes.untilEnded(id)).state).toBe('completed');
    expect(await probes.marks(id)).toEqual(['a', 'p']);
  });
});

test('past the pivot a step whose result is needed can be retried and corrected, and not settled by hand', async () => {
  const { id, handle } = await probes.start([{ pivot: 'p' }, blue('a')], { a: 'refuse' });
  await probes.untilState(id, 'parked');
  expect(await handle.query('saga')).toMatchObject({
    parked: [{ step: 'blue', possible: ['retry', 'correct'] }],
  });
  probes.heal(id);
  await handle.signal('correct', { ...olga, input: { label: 'b' } });
  expect((await probes.untilEnded(id)).state).toBe('completed');
  expect(await probes.marks(id)).toEqual(['p', 'b']);
});

test('a stand-in for a saga of which nothing is left undoes every step that its type has', async () => {
  const id = randomUUID();
  await probes.runAhead(id, [red('a'), green('b')]);
  await probes.system.temporal.client.workflow.signalWithStart('unwind', {
    workflowId: `unwind-${id}`,
    taskQueue: 'sagas',
    args: [{ type: 'probe', saga_id: id }],
    signal: 'compensate',
    signalArgs: [olga],
  });
  await expect(unwinderOf(id).result()).rejects.toMatchObject({ cause: { type: 'SagaCompensated' } });
  expect((await probes.marks(id)).toSorted()).toEqual(['-a', '-b', 'a', 'b']);
});

test('a command that is sent again is answered when it is known whether it can be carried out', async () => {
  const { id } = await probes.start([red('a'), { pivot: 'p' }], { p: 'waits' });
  await expect.poll(() => probes.marks(id), patience).toEqual(['a', 'p']);
  await terminated(id);
  const order = { ...olga, id: 'once' };
  const unwinder = unwinderOf(id);
  const ordered = [1, 2].map(() => unwinder.executeUpdate('compensate', { args: [order] }));
  const updates = async () => {
    const { events } = await unwinder.fetchHistory();
    const accepted = events?.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes);
    const answered = events?.filter((event) => event.workflowExecutionUpdateCompletedEventAttributes);
    return { accepted: accepted?.length, answered: answered?.length };
  };
  await expect.poll(updates, patience).toEqual({ accepted: 2, answered: 0 });
  probes.heal(id);
  const refusal = { why: 'not-possible', detail: expect.stringContaining('pivot has committed') };
  expect(await Promise.all(ordered)).toMatchObject([{ refusal }, { refusal }]);
  expect(await probes.marks(id)).toEqual(['a', 'p']);
});

test('a command that needs an operator to be carried out is answered parked, also when it is sent again', async () => {
  const { id } = await probes.start([red('a'), { pivot: 'p' }], { p: 'waits' });
  await expect.poll(() => probes.marks(id), patience).toEqual(['a', 'p']);
  await terminated(id);
  probes.heal(id);
  probes.spoil(id, 'p', 'undo-fails');
  const ordered = () => unwinderOf(id).executeUpdate('resolve', { args: [{ ...olga, id: 'once' }] });
  expect(await ordered()).toEqual({ state: 'parked' });
  expect(await ordered()).toEqual({ state: 'parked' });
  await untilStep(id, 'undo pivot parked');
  probes.heal(id);
  await unwinderOf(id).signal('retry', olga);
  const saga = await probes.untilEnded(id);
  expect(saga).toMatchObject({
    state: 'completed',
    errors: { execution: [{ type: 'terminated', resolved }] },
  });
  expect(await probes.marks(id)).toEqual(['a', 'p']);
});

test('two generations of one step that are parked at once take one command after the other', async () => {
  const { id, handle } = await probes.start([blue('a'), { decide: 'PT1H' }], { a: 'refuse' });
  await probes.untilState(id, 'parked');
  probes.heal(id);
  await handle.signal('correct', { ...olga, input: { label: 'b' } });
  await probes.untilState(id, 'waiting');
  await terminated(id);
  const parked = async () => stepsOf(await probes.read(id)).filter((step) => step === 'undo blue parked');
  await withoutUndo('blue', async () => {
    await unwinderOf(id).signal('compensate', olga);
    await expect.poll(parked, patience).toHaveLength(2);
  });
  await unwinderOf(id).executeUpdate('retry', { args: [{ ...olga, step: 'blue' }] });
  await unwinderOf(id).signal('retry', { ...olga, step: 'blue' });
  expect((await probes.untilEnded(id)).state).toBe('compensated');
  expect(await probes.marks(id)).toEqual(['b', '-b']);
});

test('a stand-in that was cancelled answers a resolve with the state that it leads to', async () => {
  const { id } = await probes.start([red('a'), { decide: 'PT1H' }]);
  await probes.untilState(id, 'waiting');
  await terminated(id);
  await probes.untilState(id, 'parked');
  await unwinderOf(id).cancel();
  await expect.poll(() => eventsOf(id), patience).toContain('cancel-requested');
  expect(await unwinderOf(id).executeUpdate('resolve', { args: [olga] })).toEqual({ state: 'failed' });
  expect((await probes.untilEnded(id)).state).toBe('failed');
});

describe('a command to settle by hand', () => {
  test('that was carried out in part leaves no other: nothing is said to be undone that is not', async () => {
    const { id } = await probes.start([red('a'), green('b'), { decide: 'PT1H' }]);
    await probes.untilState(id, 'waiting');
    await terminated(id);
    const told = async () => JSON.stringify((await probes.read(id)).timeline);
    await withoutUndo('green', async () => {
      await unwinderOf(id).signal('resolve', olga);
      await expect.poll(told, { timeout: 30_000 }).toContain('could not be fenced');
    });
    await unwinderOf(id).signal('compensate', olga);
    await expect.poll(told, patience).toContain('compensate is not possible now; possible: resolve');
    await unwinderOf(id).signal('resolve', olga);
    const saga = await probes.untilEnded(id);
    expect(saga.state).toBe('failed');
    expect(saga.errors.execution).toMatchObject([{ type: 'terminated', resolved }]);
    expect(stepsOf(saga)).toEqual(['do red done', 'do green done']);
    expect(await probes.marks(id)).toEqual(['a', 'b']);
  });

  test('that could not be carried out says so, and counts again when it is sent again', async () => {
    const { id, handle } = await probes.start([green('b'), { fail: 'no' }], { b: 'undo-fails' });
    await probes.untilState(id, 'parked');
    const resolve = () => handle.executeUpdate('resolve', { args: [{ ...olga, id: 'once' }] });
    await withoutUndo('green', async () => {
      await resolve();
      await expect.poll(() => eventsOf(id), { timeout: 30_000 }).toContain('ignored-signal');
    });
    await probes.untilState(id, 'parked');
    await resolve();
    const saga = await probes.untilEnded(id);
    expect(saga.state).toBe('failed');
    expect(saga.errors.compensation).toMatchObject([{ step: 'green', resolved }]);
    expect(await probes.marks(id)).toEqual(['b']);
  });

  test('stays told when the saga is terminated, and undone by another', async () => {
    const plan = [red('a'), green('b'), blue('c'), { fail: 'no' }];
    const { id, handle } = await probes.start(plan, { b: 'undo-fails', c: 'undo-fails' });
    await untilStep(id, 'undo blue parked');
    await untilStep(id, 'undo green parked');
    await handle.signal('resolve', { ...olga, step: 'green' });
    await untilStep(id, 'undo green resolved');
    await terminated(id);
    probes.heal(id);
    await unwinderOf(id).signal('compensate', olga);
    const saga = await probes.untilEnded(id);
    expect(saga.state).toBe('failed');
    expect(stepsOf(saga)).toContain('undo green resolved');
    expect(saga.errors.compensation).toMatchObject([{ step: 'green', op: 'undo', resolved }]);
    expect((await probes.marks(id)).toSorted()).toEqual(['-a', '-c', 'a', 'b', 'c']);
  });
});

test('a step that is refused while its saga is stopping is not parked, and nobody is alerted', async () => {
  const branches: Part[][] = [[{ fail: 'no' }], [blue('a')]];
  const { id } = await probes.start([{ branches, independent: false }], { a: 'refuse' });
  const saga = await probes.untilEnded(id);
  expect(saga.state).toBe('compensated');
  expect(saga.errors.execution).toMatchObject([{ message: 'no' }, { step: 'blue', type: 'refused' }]);
  expect(await eventsOf(id)).toEqual([]);
});

test('a command under the id of another one is ignored, also where it is nested too deep to be compared', async () => {
  const { id, handle } = await probes.start([blue('a'), { decide: 'PT1H' }], { a: 'refuse' });
  await probes.untilState(id, 'parked');
  const order = { id: 'once', ...olga, input: { label: 'b' } };
  await handle.signal('correct', order);
  await probes.untilState(id, 'waiting');
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  await probes.system.temporal.client.workflowService.signalWorkflowExecution({
    namespace: probes.system.temporal.client.options.namespace,
    workflowExecution: { workflowId: `probe-${id}` },
    signalName: 'correct',
    input: {
      payloads: [
        {
          metadata: { encoding: Buffer.from('json/plain') },
          data: Buffer.from(JSON.stringify({ ...order, input: {} }).replace('{}', `{"label":${deep}}`)),
        },
      ],
    },
  });
  await handle.signal('decide', yes);
  expect((await probes.untilEnded(id)).state).toBe('completed');
  expect(await eventsOf(id)).toContain('ignored-signal');
  expect(await probes.marks(id)).toEqual(['b']);
});

test('a deadline counts from the start, also when nobody worked then', async () => {
  await probes.system.rest('sagas');
  const plan = [{ ...red('a') }, { decide: 'PT1H' } as const, { pivot: 'p' }];
  const { id, handle } = await probes.start(plan, {}, { deadline: 'PT1S' });
  const { startTime } = await handle.describe();
  await expect.poll(() => Date.now() - startTime.getTime(), patience).toBeGreaterThan(1_500);
  await probes.system.work('sagas');
  await handle.signal('decide', yes);
  const saga = await probes.untilEnded(id);
  expect(saga).toMatchObject({ state: 'compensated', errors: { execution: [{ type: 'deadline' }] } });
  expect(await probes.marks(id)).not.toContain('p');
});

test('a pivot that has committed behind its refusal is done', async () => {
  const { id } = await probes.start([red('a'), { pivot: 'p' }], { p: 'refuse-after-commit' });
  const saga = await probes.untilEnded(id);
  expect(saga).toMatchObject({ state: 'completed', errors: { execution: [], compensation: [] } });
  expect(stepsOf(saga)).toEqual(['do red done', 'undo pivot nothing-to-undo', 'do pivot done']);
  expect(saga.timeline.at(-1)).toMatchObject({ error: null, finished_at: expect.any(String) });
});

test("a failure of Temporal's own that a saga's code throws closes nothing: its task is retried, and a command is 503", async () => {
  const { id, handle } = await probes.start([red('a'), { throw: 'oops' }]);
  const failed = async () =>
    (await handle.fetchHistory()).events?.some((event) => event.workflowTaskFailedEventAttributes);
  await expect.poll(failed, patience).toBe(true);
  expect((await probes.read(id)).state).toBe('running');
  expect((await handle.describe()).status.name).toBe('RUNNING');
  const { sql, call } = probes.system;
  await sql.unwind`insert into saga (id, type, caller, body_hash) values (${id}, 'probe', 'admin', 'h')`;
  const command = () => call('POST', `/sagas/${id}/retry`, { reason: 'seen to' });
  await expect
    .poll(command, patience)
    .toMatchObject({ status: 503, body: { detail: expect.stringContaining('workflow task keeps failing') } });
  expect((await command()).headers.get('retry-after')).toBe('30');
  await handle.terminate('a test');
});
