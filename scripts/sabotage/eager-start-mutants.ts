import type { Mutant } from './mutants.ts';

const eagerStarts = 'src/activities/eager-starts.ts';
const startSaga = 'src/api/sagas/start-saga.ts';
const unit = ['test/activities/eager-starts'];
const whole = ['test/api/start-placed'];
const begins = `if (handle?.eagerlyStarted) colocated?.begin`;

/** Ways to break what holds for sagas that begin with the answer to their start. */
export const eagerStartMutants: Mutant[] = [
  {
    name: 'eager start: a first task that is tried again gets what was begun before',
    edits: [{ file: eagerStarts, find: `taken && !call.again ? taken`, replace: `taken ? taken` }],
    tests: unit,
  },
  {
    name: 'eager start: a recorded inline run gets what was begun before',
    edits: [
      {
        file: eagerStarts,
        find: `activityInfo().isLocal ? take(call.saga_id) : null`,
        replace: `activityInfo() && take(call.saga_id)`,
      },
    ],
    tests: unit,
  },
  {
    name: 'eager start: a saga that was reset gets what its first run had begun',
    edits: [{ file: eagerStarts, find: `    set(sagaId, null);\n`, replace: `` }],
    tests: unit,
  },
  {
    name: 'eager start: a saga begins that its first task has begun already',
    edits: [{ file: eagerStarts, find: `begun.has(sagaId) || hasDeadline`, replace: `hasDeadline` }],
    tests: unit,
  },
  {
    name: 'eager start: what nobody calls for is kept for ever',
    edits: [
      { file: eagerStarts, find: `if (!begun.has(sagaId)) setTimeout`, replace: `if (!sagaId) setTimeout` },
    ],
    tests: unit,
  },
  {
    name: 'eager start: a saga begins that may have missed its deadline',
    edits: [{ file: eagerStarts, find: ` || hasDeadline(input)) return;`, replace: `) return;` }],
    tests: unit,
  },
  {
    name: 'eager start: a saga begins whoever gets its first task',
    edits: [{ file: startSaga, find: begins, replace: `colocated?.begin` }],
    tests: whole,
  },
  {
    name: 'eager start: no saga begins with its start',
    edits: [{ file: startSaga, find: begins, replace: `if (!handle?.eagerlyStarted) colocated?.begin` }],
    tests: whole,
  },
  {
    name: 'eager start: the server begins nothing',
    edits: [
      {
        file: 'src/worker/run-workers.ts',
        find: `begin: (started) => workers?.begin(started)`,
        replace: `begin: () => {}`,
      },
    ],
    tests: ['test/saga/eager-start-crash'],
  },
  {
    name: 'placed: a saga whose input is refused counts as having done nothing',
    edits: [
      {
        file: 'src/saga/define-saga.ts',
        find: `  markUnrecorded(run.data, run.data.placement);\n`,
        replace: ``,
      },
    ],
    tests: ['test/saga/placed.test'],
  },
  {
    name: 'eager start: its first task runs once more what was begun',
    edits: [
      { file: eagerStarts, find: `taken && !call.again ? taken`, replace: `taken && call.again ? taken` },
    ],
    tests: whole,
  },
];
