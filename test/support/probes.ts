import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { WorkflowStartOptions } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import postgres from 'postgres';
import { expect, vi } from 'vitest';
import { inlineActivities } from '../../src/activities/inline-activities.ts';
import { type StepActivities, stepActivities } from '../../src/activities/step-activities.ts';
import { readSaga } from '../../src/api/temporal.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { implement } from '../../src/guard/implement.ts';
import { refuse } from '../../src/saga/errors.ts';
import { firstCall, placementKey } from '../../src/saga/inline/inline-run.ts';
import { effect, prepareEffects } from './guarded-effects.ts';
import { startSystem } from './system.ts';
import { type Part, probe } from './workflows/probe.ts';
import * as contracts from './workflows/probe-steps.ts';

/**
 * What goes wrong where a label stands. `undo-once`: its compensation fails once, after it has committed; `hang-once`:
 * its first answer never comes; `waits`: no answer comes until it is healed; `held-then-refused`: likewise, and then it is refused.
 */
export type Fault =
  | 'refuse'
  | 'refuse-after-commit'
  | 'held-then-refused'
  | 'error-once'
  | 'fails'
  | 'undo-once'
  | 'undo-fails'
  | 'hang-once'
  | 'waits';

/** Of the sagas whose steps are placed with their workflow's worker. */
const placedQueue = 'placed';

const ended = ['completed', 'compensated', 'cancelled', 'failed'];

interface Options {
  serverArgs?: string[];
  /** The workflows' code, as startSystem takes it. */
  code?: string;
  /** The sagas' steps run with the workflow's worker, which has them, or does not, or does not even know the saga. */
  placed?: 'here' | 'away' | 'unknown' | undefined;
}

interface Start extends Partial<WorkflowStartOptions> {
  /** Comes together with the start. */
  signal?: string;
  signalArgs?: unknown[];
  /** Like the others of this system unless given. */
  placed?: boolean;
}

interface Replay {
  runId?: string;
  codePath?: string | undefined;
}

/** A system whose sagas are `probe` alone, with steps that leave marks in a table. */
export async function startProbes({ serverArgs = [], code = 'probe', placed }: Options = {}) {
  const system = await startSystem({ workflows: code, serverArgs });
  const sql = postgres(system.databases.loan, { max: 2, onnotice: () => {} });
  await prepareEffects(sql);
  const database = openDatabase(system.databases.loan, { name: 'probe', max: 2 });
  const faults = new Map<string, Fault>();
  const met = new Set<string>();
  const { namespace } = system.config.temporal;
  const connection = await NativeConnection.connect({ address: system.temporal.address });
  const activities = faulty(
    stepActivities(contracts, marks, { database, failpoints: async () => {}, report: () => {} }),
  );
  const stretches = inlineActivities(
    placed === 'unknown' ? [] : [probe.definition],
    placed === 'unknown' || placed === 'away' ? {} : { probe: activities },
  );
  const ahead = inlineActivities([probe.definition], { probe: activities });
  const workers = [
    await Worker.create({ connection, namespace, taskQueue: 'probe', activities }),
    await Worker.create({
      connection,
      namespace,
      taskQueue: placedQueue,
      workflowBundle: { codePath: system.config.workflowBundle ?? '' },
      activities: stretches,
    }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));

  /** Wraps activities: `faults` are looked up by the saga's id and the label. */
  function faulty(activities: StepActivities): StepActivities {
    const wrap =
      (name: string, run: StepActivities[string]): StepActivities[string] =>
      async (call, tried) => {
        const label = labelOf(call.input) ?? labels.get(`${call.saga_id} ${call.step}`) ?? '';
        labels.set(`${call.saga_id} ${call.step}`, label);
        const key = `${call.saga_id} ${label}`;
        const fault = call.by_hand ? undefined : faults.get(key);
        const undo = name.endsWith(':undo');
        const first = !met.has(`${key} ${name}`);
        met.add(`${key} ${name}`);
        while (faults.get(key) === 'held-then-refused') await pause(10);
        if ((fault === 'refuse' || fault === 'held-then-refused') && !undo) throw refusal();
        if (fault === 'error-once' && !undo && first) throw new Error('once');
        if (fault === 'fails' && !undo) throw new Error('the step fails');
        if (fault === 'undo-fails' && undo) throw new Error('the undo fails');
        const answer = await run(call, tried);
        if (fault === 'refuse-after-commit' && !undo) throw refusal();
        if (fault === 'undo-once' && undo && first) throw new Error('once, after the commit');
        if (fault === 'hang-once' && !undo && first) await new Promise(() => {});
        while (faults.get(key) === 'waits') await pause(10);
        return answer;
      };
    return Object.fromEntries(Object.entries(activities).map(([name, run]) => [name, wrap(name, run)]));
  }
  const labels = new Map<string, string>();

  async function start(
    plan: Part[],
    wrong: Record<string, Fault> = {},
    more: object = {},
    { signal, signalArgs = [], placed: isPlaced = placed !== undefined, ...options }: Start = {},
  ) {
    const id = randomUUID();
    for (const [label, fault] of Object.entries(wrong)) faults.set(`${id} ${label}`, fault);
    const { workflow } = system.temporal.client;
    const given = {
      workflowId: `probe-${id}`,
      taskQueue: isPlaced ? placedQueue : 'sagas',
      ...(isPlaced && { memo: { [placementKey]: ['probe'] } }),
      args: [{ plan, ...more }],
      ...options,
    };
    const handle = signal
      ? await workflow.signalWithStart('probe', { ...given, signal, signalArgs })
      : await workflow.start('probe', given);
    return { id, handle };
  }

  const read = async (id: string) => {
    const saga = await readSaga(system.temporal.client, 'probe', id);
    if (!saga) throw new Error(`there is no saga ${id}`);
    return saga;
  };

  function untilState(id: string, ...states: string[]) {
    return vi.waitFor(
      async () => {
        const saga = await read(id);
        expect(saga.state).toBeOneOf(states);
        return saga;
      },
      { interval: 50, timeout: 30_000 },
    );
  }

  return {
    system,
    start,
    /** Runs the first stretch of a saga of which Temporal knows nothing yet. */
    runAhead: (id: string, plan: Part[]) =>
      ahead.stretch(firstCall({ type: 'probe', sagaId: id, input: { plan }, placement: ['probe'] })),
    read,
    untilState,
    untilEnded: (id: string) => untilState(id, ...ended),
    spoil: (id: string, label: string, fault: Fault) => faults.set(`${id} ${label}`, fault),
    heal: (id: string) => {
      for (const key of faults.keys()) if (key.startsWith(id)) faults.delete(key);
    },
    /** The labels of what was done, and `-label` of what was undone, in the order of the database. */
    marks: async (id: string) =>
      (await sql<{ label: string }[]>`select label from effect where saga_id = ${id} order by id`).map(
        ({ label }) => label,
      ),
    /** The index on the stack of each label. */
    positions: async (id: string) =>
      new Map(
        (
          await sql<{ label: string; position: number }[]>`
            select e.label, g.position from effect e
            join saga_step g on g.saga_id = e.saga_id and g.step = e.saga_step
              and g.generation = e.saga_generation and g.op = e.saga_op
            where e.saga_id = ${id} and e.saga_op = 'do'`
        ).map(({ label, position }) => [label, position] as const),
      ),
    /** Replays a run, the newest unless it is given, with the code of the system unless another is. */
    async replay(id: string, { runId, codePath = system.config.workflowBundle ?? '' }: Replay = {}) {
      const workflowId = `probe-${id}`;
      const history = await system.temporal.client.workflow.getHandle(workflowId, runId).fetchHistory();
      return Worker.runReplayHistory({ workflowBundle: { codePath } }, history, workflowId);
    },
    /** How many runs the saga's workflow has had. */
    runs: async (id: string) => {
      const list = system.temporal.client.workflow.list({ query: `WorkflowId = "probe-${id}"` });
      let runs = 0;
      for await (const _ of list) runs += 1;
      return runs;
    },
    async end() {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
      await database.end();
      await sql.end();
      await system.end();
    },
  };
}

const refusal = () => ApplicationFailure.create({ type: 'refused', nonRetryable: true, message: 'no' });

const labelOf = (input: unknown): string | undefined =>
  typeof input === 'object' && input !== null && 'label' in input ? String(input.label) : undefined;

type Marking = typeof contracts.red | typeof contracts.green | typeof contracts.blue;

const leaving = (contract: Marking) =>
  implement(contract, {
    async do(tx, { label }, stamp) {
      if (label === '') refuse('a mark needs a label');
      await tx.insert(effect).values({ label, ...stamp });
      return { label };
    },
    async undo(tx, { label }, stamp) {
      await tx.insert(effect).values({ label: `-${label}`, ...stamp });
    },
  });

const marks = {
  red: leaving(contracts.red),
  green: leaving(contracts.green),
  blue: leaving(contracts.blue),
  pivot: implement(contracts.pivot, {
    async do(tx, { label }, stamp) {
      await tx.insert(effect).values({ label, ...stamp });
      return {};
    },
    undo: null,
  }),
};
