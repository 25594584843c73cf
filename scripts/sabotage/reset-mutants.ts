import type { Mutant } from './mutants.ts';

const recall = 'src/saga/workflow/recall.ts';
const defineSaga = 'src/saga/define-saga.ts';
const reset = ['test/history/reset'];
const late = ['test/saga/late-commands'];

/** Ways to break what holds for sagas that operators reset or settle by hand, and for what stops or goes silent. */
export const resetMutants: Mutant[] = [
  {
    name: 'reset: a step that was undone answers its result again',
    edits: [
      {
        file: 'src/guard/guard.ts',
        find: `step.contract.compensation !== null && (await findRow`,
        replace: `call.step === '' && (await findRow`,
      },
    ],
    tests: ['test/guard/guard'],
  },
  {
    name: 'reset: a deadline stops a run that was done in time before',
    edits: [
      {
        file: 'src/saga/workflow/run.ts',
        find: `    if (this.data.reset && patched('no-deadline-after-reset')) return;\n`,
        replace: '',
      },
    ],
    tests: reset,
  },
  {
    name: 'a changed place is taken by sagas that wait past it, over runs',
    edits: [
      {
        file: 'src/saga/workflow/workflow-saga.ts',
        find: ` || (lane === this.#main && (open !== null || decideBy !== null))`,
        replace: '',
      },
    ],
    tests: ['test/replay/adding-a-step'],
  },
  {
    name: 'a changed branch is taken by sagas that are past it',
    edits: [{ file: 'src/saga/workflow/workflow-saga.ts', find: `lane.past || `, replace: '' }],
    tests: ['test/replay/adding-a-step'],
  },
  {
    name: 'reset: a run asks for nothing that was undone',
    edits: [{ file: recall, find: `  data.maybeUndone &&\n`, replace: `  data.position < 0 &&\n` }],
    tests: reset,
  },
  {
    name: 'reset: a second one asks for nothing, as the first has asked',
    edits: [{ file: recall, find: `askedBy !== workflowInfo().runId`, replace: `askedBy === ''` }],
    tests: late,
  },
  {
    name: 'reset: what a stand-in is about to undo is done anew',
    edits: [
      {
        file: 'src/history/gives-up.ts',
        find: `isOrdered = true;`,
        replace: `isOrdered = false;`,
      },
    ],
    tests: ['test/history/gives-up'],
  },
  {
    name: 'reset: what is being undone is done anew',
    edits: [
      { file: recall, find: `run.data.undone.includes(step)`, replace: `run.data.undone.includes('')` },
    ],
    tests: late,
  },
  {
    name: 'reset: what was settled by hand behind the pivot counts as undone',
    edits: [
      {
        file: defineSaga,
        find: `if (outcome === 'resolved by hand')`,
        replace: `if (outcome === 'resolved by hand' && run.data.position < 0)`,
      },
    ],
    tests: late,
  },
  {
    name: 'by hand: what was settled in part may be undone after all',
    edits: [
      {
        file: 'src/saga/define-unwinder.ts',
        find: `data.settling ||= !data.committed`,
        replace: `data.settling ||= data.committed`,
      },
    ],
    tests: late,
  },
  {
    name: 'by hand: an order that failed counts as carried out',
    edits: [
      {
        file: 'src/saga/workflow/undo.ts',
        find: `    takeBack(run, command, `,
        replace: `    if (run.data.position < 0) takeBack(run, command, `,
      },
    ],
    tests: late,
  },
  {
    name: "defects: a failure of Temporal's own closes a saga with its effects",
    edits: [{ file: defineSaga, find: `error instanceof TemporalFailure ?`, replace: `error === null ?` }],
    tests: late,
  },
  {
    name: 'guard: what a step sends is not prepared',
    edits: [
      {
        file: 'src/guard/transaction.ts',
        find: `    return sql.unsafe(text, parameters, { prepare: true });`,
        replace: `    return sql.unsafe(text, parameters);`,
      },
    ],
    tests: ['test/guard/statements'],
  },
  {
    name: 'guard: a connection that is silent is kept',
    edits: [
      {
        file: 'src/guard/leases.ts',
        find: `if (lease.lost || ended) void lease.sql.end({ timeout: 0 });`,
        replace: `if (ended) void lease.sql.end({ timeout: 0 });`,
      },
      {
        file: 'src/guard/leases.ts',
        find: `if (!lease.lost) return lease;`,
        replace: `if (lease.sql) return lease;`,
      },
      { file: 'src/guard/leases.ts', find: `if (lease.lost) throw new ConnectionLost();`, replace: `` },
    ],
    tests: ['test/guard/statements'],
  },
  {
    name: 'reset: a run that was terminated by it gets an unwinder',
    edits: [
      {
        file: 'src/activities/start-unwinders.ts',
        find: `    if (!(await isNewest(environment.temporal, run))) continue;\n`,
        replace: '',
      },
    ],
    tests: reset,
  },
  {
    name: 'reset: a stand-in takes a command to undo what its saga goes on to do',
    edits: [
      {
        file: 'src/saga/define-unwinder.ts',
        find: `if (goesOnByItself && command.action === 'compensate')`,
        replace: `if (goesOnByItself && command.action === 'retry')`,
      },
    ],
    tests: reset,
  },
  {
    name: 'reset: what the unwinder has undone counts for nothing',
    edits: [
      {
        file: 'src/history/find-steps.ts',
        find: `  const undoing = unwinder?.runs.flatMap(({ events }) => events) ?? [];`,
        replace: `  const undoing = unwinder?.runs.flatMap(() => []) ?? [];`,
      },
      {
        file: 'src/history/find-steps.ts',
        find: `[...found.runs, ...(unwinder?.runs ?? [])].flatMap`,
        replace: `found.runs.flatMap`,
      },
    ],
    tests: reset,
  },
  {
    name: 'reset: a run takes the new way of changed code',
    edits: [
      { file: 'src/saga/workflow/workflow-saga.ts', find: `wasPast || maybePast ||`, replace: `wasPast ||` },
      { file: 'src/saga/workflow/workflow-saga.ts', find: `    const maybePast =`, replace: `    const _ =` },
    ],
    tests: ['test/replay/adding-a-step'],
  },
  {
    name: 'reset: an unwinding that began before it goes on in another way',
    edits: [
      {
        file: defineSaga,
        find: `run.data.unrecorded.length > 0 && recallsEarlierRuns(run)`,
        replace: `run.data.reset`,
      },
    ],
    tests: ['test/saga/placed.test'],
  },
  {
    name: 'reset: a stand-in forgets a pivot whose runs are gone',
    edits: [
      {
        file: 'src/saga/define-unwinder.ts',
        find: `  data.committed ||= found.committed ?? false;\n`,
        replace: ``,
      },
    ],
    tests: ['test/history/continued'],
  },
  {
    name: 'reset: a pivot that was found committed counts as undone',
    edits: [
      {
        file: 'src/history/find-steps.ts',
        find: `new Set(events.filter(hasFoundCommitted).map(scheduledEventOf))`,
        replace: `new Set<string>()`,
      },
    ],
    tests: ['test/saga/late-commands'],
  },
  {
    name: 'reset: a command is told that the saga unwinds where the pivot may have committed before',
    edits: [{ file: 'src/saga/workflow/run.ts', find: `|| reset ||`, replace: `||` }],
    tests: late,
  },
  {
    name: 'a command is told that the saga unwinds while its pivot may commit',
    edits: [{ file: 'src/saga/workflow/run.ts', find: `isOpen || `, replace: '' }],
    tests: late,
  },
  {
    name: 'of a saga of which nothing is left nothing is undone',
    edits: [
      { file: 'src/saga/workflow/left-behind.ts', find: `? every : found`, replace: `? found : found` },
    ],
    tests: late,
  },
  {
    name: 'reset: behind its pivot a run may be given up',
    edits: [
      {
        file: recall,
        find: `  run.commit();\n  const message`,
        replace: `  const message`,
      },
    ],
    tests: ['test/saga/late-commands'],
  },
  {
    name: 'order: one that is sent again is answered before the first',
    edits: [
      {
        file: 'src/saga/workflow/commands.ts',
        find: `return this.#itemOf.get(handled);`,
        replace: `return undefined;`,
      },
    ],
    tests: ['test/saga/late-commands'],
  },
  {
    name: 'order: its answer waits for another order',
    edits: [
      {
        file: 'src/saga/workflow/listen.ts',
        find: ` || run.waitingForOperator.length > 0`,
        replace: ``,
      },
    ],
    tests: ['test/saga/late-commands'],
  },
  {
    name: 'runs: what was under way is whichever step comes',
    edits: [
      {
        file: 'src/saga/workflow/workflow-saga.ts',
        find: `if (this.#run.contractOf(carried.entry.step) !== contract)`,
        replace: `if (!carried)`,
      },
    ],
    tests: ['test/replay/adding-a-step'],
  },
  {
    name: 'reset: a correction does not ask for a pivot that has committed',
    edits: [
      {
        file: 'src/saga/workflow/forward.ts',
        find: `await fencePivotsBeforeCorrection(run)`,
        replace: `run.data.position < 0 ? await fencePivotsBeforeCorrection(run) : undefined`,
      },
    ],
    tests: late,
  },
  {
    name: 'reset: the first of two unwinders is forgotten',
    edits: [
      {
        file: 'src/history/find-steps.ts',
        find: `some(({ base }) => base !== undefined)`,
        replace: `some(({ base }) => base === '')`,
      },
    ],
    tests: late,
  },
  {
    name: 'reset: numbers of events are used twice',
    edits: [
      { file: 'src/saga/fold/fold.ts', find: `    this.#seq += numbers;\n`, replace: `    void numbers;\n` },
    ],
    tests: reset,
  },
  {
    name: 'command: two generations of one step block each other',
    edits: [
      {
        file: 'src/saga/workflow/commands.ts',
        find: `return step === undefined ?`,
        replace: `return step !== '' ?`,
      },
    ],
    tests: late,
  },
  {
    name: 'alert: a pivot that keeps failing tells nobody',
    edits: [
      { file: 'src/saga/workflow/activity.ts', find: `'do', call, { within })`, replace: `'do', call)` },
    ],
    tests: ['test/history/alerts'],
  },
  {
    name: 'alert: a saga that is terminated again tells nobody',
    edits: [
      {
        file: 'src/activities/start-unwinders.ts',
        find: `if (standsIn && !wasThereBefore(unwinder, run)) continue;`,
        replace: `if (standsIn) continue;`,
      },
    ],
    tests: ['test/history/alerts'],
  },
  {
    name: 'alert: what happens again after a reset tells nobody',
    edits: [
      {
        file: 'src/saga/workflow/alerts.ts',
        find: `parentClosePolicy: ParentClosePolicy.ABANDON,`,
        replace: `parentClosePolicy: ParentClosePolicy.ABANDON, workflowIdReusePolicy: 'REJECT_DUPLICATE',`,
      },
    ],
    tests: ['test/history/alerts'],
  },
  {
    name: 'stop: streams are left open',
    edits: [{ file: 'src/server.ts', find: `  stopping.abort();\n`, replace: `` }],
    tests: ['test/stack/stop-server'],
  },
];
