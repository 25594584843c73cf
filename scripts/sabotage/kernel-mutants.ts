import type { Mutant } from './mutants.ts';

const saga = 'src/saga/workflow/workflow-saga.ts';
const stack = 'src/saga/workflow/stack.ts';
const run = 'src/saga/workflow/run.ts';
const unwind = 'src/saga/workflow/unwind.ts';
const settle = 'src/saga/workflow/undo.ts';

/** Ways to break the kernel. */
export const kernelMutants: Mutant[] = [
  {
    name: 'a step is pushed on the stack after it has run',
    edits: [
      {
        file: stack,
        find: `  if (!data.committed && (compensation !== null || pivot)) data.stack.push(entry);\n`,
        replace: '',
      },
      {
        file: saga,
        find: `      if (lane === this.#main) this.#run.data.open = null;\n`,
        replace: `      if (lane === this.#main) this.#run.data.open = null;\n      if (contract.compensation !== null) this.#run.data.stack.push(open.entry);\n`,
      },
    ],
    tests: ['test/workflows/step-failures'],
  },
  {
    name: 'a cancel reaches the step that is under way',
    edits: [
      {
        file: run,
        find: `    return CancellationScope.nonCancellable(async () => {\n      this.#inFlight += 1;`,
        replace: `    return CancellationScope.cancellable(async () => {\n      this.#inFlight += 1;`,
      },
    ],
    tests: ['test/workflows/step-failures'],
  },
  {
    name: 'a cancel ends the wait for a parked compensation',
    edits: [
      {
        file: unwind,
        find: `  return CancellationScope.nonCancellable(async () => {\n    // What is parked`,
        replace: `  return CancellationScope.cancellable(async () => {\n    // What is parked`,
      },
    ],
    tests: ['test/saga/parked-steps'],
  },
  {
    name: 'the error of a compensation is swallowed',
    edits: [
      {
        file: settle,
        find: `        break;\n      }\n      error = tried.error;`,
        replace: `        break;\n      }\n      break;`,
      },
    ],
    tests: ['test/saga/parked-steps'],
  },
  {
    name: 'a compensation is tried as often as its step',
    edits: [
      {
        file: 'src/saga/workflow/activity.ts',
        find: `contract.retry : contract.undoRetry`,
        replace: `contract.retry : contract.retry`,
      },
    ],
    tests: ['test/saga/retries'],
  },
  {
    name: 'the stack is undone from its bottom',
    edits: [
      {
        file: stack,
        find: `b.position - a.position`,
        replace: `a.position - b.position`,
      },
    ],
    tests: ['test/workflows/step-failures'],
  },
  {
    name: 'independent branches are undone one after the other',
    edits: [
      {
        file: unwind,
        find: `      await Promise.all(chains.map(undoChain));\n`,
        replace: `      for (const chain of chains) await undoChain(chain);\n`,
      },
    ],
    tests: ['test/saga/parallel'],
  },
  {
    name: 'a branch that fails does not let its siblings settle',
    edits: [
      {
        file: saga,
        find: `Promise.allSettled(branches.map(start))`,
        replace: `Promise.all(branches.map(start)).then((done) => Promise.allSettled(done))`,
      },
    ],
    tests: ['test/saga/parallel'],
  },
  {
    name: 'a saga ends while a compensation is parked',
    edits: [{ file: unwind, find: `    await Promise.all(waiting);\n`, replace: '' }],
    tests: ['test/saga/parked-steps'],
  },
  {
    name: 'a refused pivot is not fenced',
    edits: [
      {
        file: 'src/saga/workflow/forward.ts',
        find: `'result' in tried ? tried : await fencePivot(run, entry)`,
        replace: `'result' in tried ? tried : undefined`,
      },
    ],
    tests: ['test/workflows/step-failures'],
  },
  {
    name: 'a pivot has as many attempts as another step',
    edits: [
      {
        file: 'src/saga/workflow/activity.ts',
        find: `contract.pivot && op === 'do'`,
        replace: `contract.pivot && op === 'undo'`,
      },
    ],
    tests: ['test/workflows/step-failures'],
  },
  {
    name: 'a correction runs without the first try being undone',
    edits: [
      {
        file: 'src/saga/workflow/forward.ts',
        find: `  await CancellationScope.nonCancellable(() => undo(run, old, { mayContinue: false }));\n`,
        replace: `  run.data.stack = run.data.stack.filter((other) => other !== old);\n`,
      },
    ],
    tests: ['test/saga/parked-steps'],
  },
  {
    name: 'a corrected step drops off the stack',
    edits: [
      {
        file: 'src/saga/workflow/forward.ts',
        find: `  if (!run.data.committed) run.data.stack.push(open.entry);\n`,
        replace: '',
      },
    ],
    tests: ['test/saga/parked-steps'],
  },
  {
    name: 'past the pivot a step whose result is needed is settled by hand',
    edits: [{ file: 'src/saga/workflow/forward.ts', find: `result === noResult ?`, replace: `result ?` }],
    tests: ['test/saga/late-commands'],
  },
  {
    name: 'a command counts as often as it is sent',
    edits: [
      {
        file: 'src/saga/workflow/commands.ts',
        find: `    if (command.id !== undefined) data.handled = [...data.handled, command].slice(-maxHandled);\n`,
        replace: '',
      },
    ],
    tests: ['test/saga/parked-steps'],
  },
  {
    name: 'what earlier runs have done is forgotten when the workflow continues as new',
    edits: [
      {
        file: 'src/saga/define-saga.ts',
        find: `const data = freshData(continued ? carried : undefined);`,
        replace: `const data = { ...freshData(continued ? carried : undefined), stack: [] };`,
      },
    ],
    tests: ['test/saga/continue-as-new'],
  },
  {
    name: 'a run ends in a task of which a replay sees nothing',
    edits: [
      {
        file: run,
        find: `return this.#isLong && allHandlersFinished();`,
        replace: `return workflowInfo().continueAsNewSuggested && allHandlersFinished();`,
      },
    ],
    tests: ['test/saga/continue-as-new'],
  },
  {
    name: 'each run counts the deadline anew',
    edits: [
      { file: 'src/saga/define-saga.ts', find: `run.data.deadline ??=`, replace: `run.data.deadline =` },
    ],
    tests: ['test/saga/continue-as-new'],
  },
  {
    name: 'each run records again that the deadline has passed',
    edits: [{ file: run, find: `if (this.data.deadlinePassed) return;`, replace: '' }],
    tests: ['test/saga/continue-as-new'],
  },
  {
    name: 'a run that begins after the deadline waits for a timer',
    edits: [
      {
        file: 'src/saga/define-saga.ts',
        find: `if (left > 0) await sleep(left,`,
        replace: `await sleep(Math.max(1, left),`,
      },
    ],
    tests: ['test/saga/continue-as-new'],
  },
  {
    name: 'a run that begins after an alert was due waits for a timer',
    edits: [
      {
        file: 'src/saga/workflow/unwind.ts',
        find: `if (left > 0) await sleep(left,`,
        replace: `await sleep(Math.max(1, left),`,
      },
    ],
    tests: ['test/saga/continue-as-new'],
  },
  {
    name: 'the deadline stops a saga that is past its pivot',
    edits: [
      {
        file: run,
        find: `if (this.phase !== 'forward') return;`,
        replace: `if (this.phase !== 'forward' && !this.data.committed) return;`,
      },
      {
        file: 'src/saga/workflow/forward.ts',
        find: `if (!data.committed && !data.open`,
        replace: `if (!data.open`,
      },
    ],
    tests: ['test/saga/deadline'],
  },
  {
    name: 'a saga that was cancelled in an earlier run closes like one that was cancelled in this run',
    edits: [
      {
        file: 'src/saga/workflow/end.ts',
        find: ` && CancellationScope.current().consideredCancelled`,
        replace: '',
      },
    ],
    tests: ['test/saga/continue-as-new'],
  },
  {
    name: 'each run waits for the decision anew',
    edits: [{ file: saga, find: `data.decideBy ?? Date.now()`, replace: `Date.now()` }],
    tests: ['test/saga/continue-as-new'],
  },
  {
    name: 'an alert is called off when its saga ends',
    edits: [
      {
        file: 'src/saga/workflow/alerts.ts',
        find: `ParentClosePolicy.ABANDON`,
        replace: `ParentClosePolicy.TERMINATE`,
      },
    ],
    tests: ['test/history/alerts'],
  },
  {
    name: 'a saga is changed without a thought of those that run',
    edits: [
      {
        file: 'src/workflows/rehearsal.ts',
        find: `    await saga.step(visitMortgage, {});\n`,
        replace: `    await saga.step(visitMortgage, {});\n    await saga.step(visitMortgage, {});\n`,
      },
    ],
    tests: ['test/replay/replay'],
  },
  {
    name: 'the locks of living sagas are swept too',
    edits: [
      {
        file: 'src/activities/ended-sagas.ts',
        find: `    'ExecutionStatus not in ("Running", "ContinuedAsNew", "Terminated", "TimedOut")',\n`,
        replace: '',
      },
      {
        file: 'src/activities/ended-sagas.ts',
        find: `[...standing].filter(([, { state }]) => isEnded(state))`,
        replace: `[...standing].filter(([, { state }]) => isEnded(state) || true)`,
      },
    ],
    tests: ['test/history/lock-sweep'],
  },
  {
    name: 'the locks of a saga that was reset after its end are swept',
    edits: [
      {
        file: 'src/activities/ended-sagas.ts',
        find: `.filter(([, { state }]) => isEnded(state))`,
        replace: '',
      },
    ],
    tests: ['test/activities/ended-sagas'],
  },
];
