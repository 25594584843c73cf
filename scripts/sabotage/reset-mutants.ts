import type { Mutant } from './mutants.ts';

const leftBehind = 'src/saga/left-behind.ts';
const defineSaga = 'src/saga/define-saga.ts';
const reset = ['test/history/reset'];

/** Ways to break what holds for sagas that an operator resets, and for servers that are told to stop. */
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
    name: 'reset: a run asks for nothing that was undone',
    edits: [{ file: leftBehind, find: `data.maybeUndone && !data.committed`, replace: `data.position < 0` }],
    tests: reset,
  },
  {
    name: 'reset: what the unwinder has undone counts for nothing',
    edits: [
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
      { file: 'src/saga/workflow-saga.ts', find: `wasPast || maybePast ||`, replace: `wasPast ||` },
      { file: 'src/saga/workflow-saga.ts', find: `    const maybePast =`, replace: `    const _ =` },
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
    name: 'stop: streams are left open',
    edits: [{ file: 'src/server.ts', find: `  stopping.abort();\n`, replace: `` }],
    tests: ['test/stack/stop-server'],
  },
];
