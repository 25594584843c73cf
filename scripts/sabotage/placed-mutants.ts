import type { Mutant } from './mutants.ts';

const runInline = 'src/saga/inline/in-workflow.ts';
const ahead = 'src/saga/inline/in-worker.ts';
const recall = 'src/saga/workflow/recall.ts';
const crash = ['test/saga/placed-crash'];

/** Ways to break what holds for sagas that are placed with their worker. */
export const placedMutants: Mutant[] = [
  {
    name: 'placed: the first inline run is run in a task that was tried before',
    edits: [
      {
        file: 'src/activities/inline-activities.ts',
        find: `if (call.again)`,
        replace: `if (call.again && call.type === '')`,
      },
    ],
    tests: ['test/saga/placed.test'],
  },
  {
    name: 'placed: whether a task is fresh decides which activity is called',
    edits: [
      {
        file: runInline,
        find: `isFirst ? await go(inThisTask, !isFresh())`,
        replace: `isFirst && isFresh() ? await go(inThisTask, false)`,
      },
    ],
    tests: ['test/saga/placed.test'],
  },
  {
    name: 'placed: a task that was tried before marks nothing as unrecorded',
    edits: [
      {
        file: runInline,
        find: `  if (isAtStart(data) && !isFresh()) markUnrecorded(data, data.placement);\n`,
        replace: ``,
      },
    ],
    tests: crash,
  },
  {
    name: 'placed: nobody asks for what was not recorded',
    edits: [
      {
        file: recall,
        find: `data.unrecorded.length === 0) return`,
        replace: `data.unrecorded.length >= 0) return`,
      },
    ],
    tests: crash,
  },
  {
    name: 'placed: what was not recorded is not put on the stack',
    edits: [
      {
        file: recall,
        find: `    data.stack.push(...entries.filter(canBeUndone(run)));\n`,
        replace: ``,
      },
    ],
    tests: crash,
  },
  {
    name: 'placed: the pivot of what was not recorded is not fenced',
    edits: [
      {
        file: recall,
        find: `    const pivot = await fencePivots(run, entries);\n    if (pivot) {\n      run.commit`,
        replace: `    const pivot = await fencePivots(run, []);\n    if (pivot) {\n      run.commit`,
      },
    ],
    tests: crash,
  },
  {
    name: 'placed: an order to stop that came before a task was tried again is not heard',
    edits: [
      {
        file: runInline,
        find: `    stopIfCancelled(run);\n    outcome = await go(recorded, false);`,
        replace: `    outcome = await go(recorded, false);`,
      },
    ],
    tests: ['test/saga/placed.test'],
  },
  {
    name: 'placed: a step is in the journal only after the saga could stop',
    edits: [
      {
        file: 'src/saga/workflow/workflow-saga.ts',
        find: `      if (!known) lane.journal.push(line);\n      lane.next += 1;\n      if (step && !known) stopIfCancelled(this.#run);\n`,
        replace: `      if (step && !known) stopIfCancelled(this.#run);\n      if (!known) lane.journal.push(line);\n      lane.next += 1;\n`,
      },
    ],
    tests: ['test/saga/placed-takeover'],
  },
  {
    name: 'placed: an inline run goes on after it was stopped',
    edits: [{ file: ahead, find: `if (this.#over || this.#busy ||`, replace: `if (` }],
    tests: ['test/saga/inline-saga'],
  },
  {
    name: "placed: a step that is not in the saga's list is done",
    edits: [
      {
        file: ahead,
        find: `    if (!this.#steps.includes(contract)) return this.#wait();\n`,
        replace: ``,
      },
    ],
    tests: ['test/saga/inline-saga'],
  },
  {
    name: 'placed: code that was stopped counts as having come to its end',
    edits: [{ file: ahead, find: `if (!this.#over && !this.#busy)`, replace: `if (!this.#busy)` }],
    tests: ['test/saga/inline-saga'],
  },
  {
    name: 'placed: code that did not wait for a step counts as having come to its end',
    edits: [{ file: ahead, find: `if (!this.#over && !this.#busy)`, replace: `if (!this.#over)` }],
    tests: ['test/saga/inline-saga'],
  },
  {
    name: 'placed: code that came to its end is not stopped by a cancel',
    edits: [
      {
        file: runInline,
        find: `  stopIfCancelled(run);\n  return outcome?.ended ?? null;`,
        replace: `  if (!outcome?.ended) stopIfCancelled(run);\n  return outcome?.ended ?? null;`,
      },
    ],
    tests: ['test/saga/placed.test'],
  },
  {
    name: 'placed: a recorded inline run that does not know how its last step ended counts as told',
    edits: [
      {
        file: 'src/history/find-steps.ts',
        find: `    if (inlineRunOf(event)?.begun !== null) continue;\n`,
        replace: ``,
      },
    ],
    tests: ['test/history/placed'],
  },
  {
    name: 'placed: a saga that was reset behind its pivot goes forward',
    edits: [
      {
        file: 'src/saga/define-saga.ts',
        find: `run.data.unrecorded.length > 0 && recallsEarlierRuns(run)`,
        replace: `run.data.position < 0`,
      },
    ],
    tests: ['test/history/placed'],
  },
  {
    name: 'placed: the step that was begun is not put on the stack',
    edits: [
      {
        file: runInline,
        find: `  if (begun && !data.open)\n`,
        replace: `  if (begun && !data.open && begun.step === '')\n`,
      },
    ],
    tests: ['test/saga/placed.test'],
  },
  {
    name: 'placed: an inline run is tried again',
    edits: [{ file: runInline, find: `retry: { maximumAttempts: 1 }`, replace: `retry: {}` }],
    tests: ['test/saga/placed-away'],
  },
  {
    name: 'placed: a first inline run that fails is the end of its saga',
    edits: [
      {
        file: runInline,
        find: `if (!(failure instanceof TemporalFailure)) throw failure;`,
        replace: `if (failure instanceof TemporalFailure) throw failure;`,
      },
    ],
    tests: ['test/saga/placed-away'],
  },
  {
    name: 'placed: what could not be undone in one go counts as undone',
    edits: [
      {
        file: 'src/saga/workflow/unwind.ts',
        find: `(entry) => !isSameStep(entry, undone));`,
        replace: `(entry) => entry.step === undone.step && entry.generation > undone.generation);`,
      },
    ],
    tests: ['test/saga/placed.test'],
  },
  {
    name: 'placed: of a terminated saga nothing is unrecorded',
    edits: [
      {
        file: 'src/history/find-steps.ts',
        find: `  return isTold && open.size === 0 ? [] :`,
        replace: `  return isTold || open.size === 0 ? [] :`,
      },
    ],
    tests: crash,
  },
  {
    name: 'placed: a terminated saga of which nothing was told counts as empty',
    edits: [
      {
        file: 'src/saga/define-unwinder.ts',
        find: `found.status !== 'gone' && data.found.length === 0`,
        replace: `found.status !== 'gone' && found.steps.length === 0`,
      },
    ],
    tests: crash,
  },
  {
    name: 'placed: a service that is away is asked for again',
    edits: [
      {
        file: runInline,
        find: `data.placement.filter((service) => service !== outcome.away)`,
        replace: `data.placement.filter((service) => service !== '')`,
      },
    ],
    tests: ['test/saga/placed-away'],
  },
  {
    name: 'placed: an inline run starts steps after the deadline',
    edits: [
      {
        file: ahead,
        find: `deadline !== null && Date.now() >= deadline`,
        replace: `deadline !== null && Date.now() < 0`,
      },
    ],
    tests: ['test/saga/placed.test'],
  },
  {
    name: 'placed: a command during an inline run is told that the saga unwinds',
    edits: [{ file: 'src/saga/workflow/run.ts', find: `this.runsInline || `, replace: `` }],
    tests: ['test/saga/placed.test'],
  },
  {
    name: 'placed: a command is told that the saga unwinds where the pivot has committed unrecorded',
    edits: [{ file: 'src/saga/workflow/run.ts', find: ` || unrecorded.length > 0`, replace: `` }],
    tests: ['test/saga/placed.test'],
  },
];
