import type { Mutant } from './mutants.ts';

const headStarts = 'src/activities/head-starts.ts';
const startSaga = 'src/api/sagas/start-saga.ts';
const unit = ['test/activities/head-starts'];
const whole = ['test/api/start-placed'];
const begins = `if (eagerlyStarted) beside?.begin`;

/** Ways to break what holds for sagas that begin with the answer to their start. */
export const headStartMutants: Mutant[] = [
  {
    name: 'head start: a first task that is tried again gets what was begun before',
    edits: [{ file: headStarts, find: `taken && !call.again ? taken`, replace: `taken ? taken` }],
    tests: unit,
  },
  {
    name: 'head start: a recorded stretch gets what was begun before',
    edits: [
      {
        file: headStarts,
        find: `activityInfo().isLocal ? take(call.saga_id) : null`,
        replace: `activityInfo() && take(call.saga_id)`,
      },
    ],
    tests: unit,
  },
  {
    name: 'head start: a saga that was reset gets what its first run had begun',
    edits: [{ file: headStarts, find: `    set(sagaId, null);\n`, replace: `` }],
    tests: unit,
  },
  {
    name: 'head start: a saga begins that its first task has begun already',
    edits: [{ file: headStarts, find: `begun.has(sagaId) || hasDeadline`, replace: `hasDeadline` }],
    tests: unit,
  },
  {
    name: 'head start: what nobody calls for is kept for ever',
    edits: [
      { file: headStarts, find: `if (!begun.has(sagaId)) setTimeout`, replace: `if (!sagaId) setTimeout` },
    ],
    tests: unit,
  },
  {
    name: 'head start: a saga begins that may have missed its deadline',
    edits: [{ file: headStarts, find: ` || hasDeadline(input)) return;`, replace: `) return;` }],
    tests: unit,
  },
  {
    name: 'head start: a saga begins whoever gets its first task',
    edits: [{ file: startSaga, find: begins, replace: `beside?.begin` }],
    tests: whole,
  },
  {
    name: 'head start: no saga begins with its start',
    edits: [{ file: startSaga, find: begins, replace: `if (!eagerlyStarted) beside?.begin` }],
    tests: whole,
  },
  {
    name: 'head start: the server begins nothing',
    edits: [
      {
        file: 'src/run-workers.ts',
        find: `begin: (started) => workers?.begin(started)`,
        replace: `begin: () => {}`,
      },
    ],
    tests: ['test/saga/head-start-crash'],
  },
  {
    name: 'placed: a saga whose input is refused counts as having done nothing',
    edits: [
      { file: 'src/saga/define-saga.ts', find: `    doubt(run.data, run.data.placement);\n`, replace: `` },
    ],
    tests: ['test/saga/placed.test'],
  },
  {
    name: 'head start: its first task runs once more what was begun',
    edits: [
      { file: headStarts, find: `taken && !call.again ? taken`, replace: `taken && call.again ? taken` },
    ],
    tests: whole,
  },
];
