import type { Mutant } from './mutants.ts';

const guard = 'src/guard/guard.ts';

/** Ways to break the guard. */
export const guardMutants: Mutant[] = [
  {
    name: 'no tombstone is left where there is nothing to undo',
    edits: [
      {
        file: guard,
        find: `      await tx.opened;\n      const done`,
        replace: `      if ((await tx.select().from(sagaStep).where(isRow(call, 'do'))).length === 0)\n        return { outcome: 'nothing-to-undo' };\n      const done`,
      },
      {
        file: guard,
        find: `    insertDo(call, null),\n  );\n  if (type`,
        replace: `  );\n  if (type`,
      },
    ],
    tests: ['test/guard/guard.test'],
  },
  {
    name: 'a tombstone does not fence',
    edits: [
      {
        file: guard,
        find: `  if (row.writtenBy === 'undo') throw new StepError('fenced', 'was undone before it came');\n`,
        replace: '',
      },
    ],
    tests: ['test/guard/guard.test'],
  },
  {
    name: 'another input is answered with the stored result',
    edits: [
      {
        file: guard,
        find: `  if (row.requestHash !== inputHash) throw new StepError('conflict', 'ran before with another input');\n`,
        replace: '  void inputHash;\n',
      },
    ],
    tests: ['test/guard/guard.test'],
  },
  {
    name: 'statements are sent before it is known whether begin succeeded',
    edits: [
      {
        file: 'src/guard/transaction.ts',
        find: `await sql.unsafe('begin isolation level read committed');`,
        replace: `sql.unsafe('begin isolation level read committed').execute().catch(() => {});`,
      },
    ],
    tests: ['test/guard/transaction'],
  },
  {
    name: 'the effect is written outside of the transaction',
    edits: [
      {
        file: guard,
        find: `step.do(tx, call.input`,
        replace: `step.do(database.query, call.input`,
      },
    ],
    tests: ['test/guard/guard.test'],
  },
  {
    name: 'a step that ran twice has two effects',
    edits: [
      {
        file: guard,
        find: `      if ((await tx.opened).length === 0) throw new AlreadyRecorded();\n`,
        replace: '',
      },
    ],
    tests: ['test/guard/guard.test'],
  },
  {
    name: 'the undo of a pivot does not see that it has committed',
    edits: [
      {
        file: guard,
        find: `      if (ran && step.contract.pivot) return { outcome: 'committed', result: done.result };\n`,
        replace: '',
      },
    ],
    tests: ['test/guard/guard.test'],
  },
  {
    name: 'the result of a step is not stored',
    edits: [{ file: guard, find: `      tx.beforeCommit(storeResult(call, result));\n`, replace: '' }],
    tests: ['test/guard/guard.test'],
  },
  {
    name: 'an undo that comes twice reverses twice',
    edits: [
      {
        file: guard,
        find: `      if (inserted.length === 0)\n        return undoOutcomeSchema.parse`,
        replace: `      if (inserted.length === 0 && !ran)\n        return undoOutcomeSchema.parse`,
      },
    ],
    tests: ['test/guard/guard.test'],
  },
  {
    name: 'what was settled by hand is reversed all the same',
    edits: [{ file: guard, find: `call.by_hand ? 'resolved' : ran`, replace: `ran` }],
    tests: ['test/saga/parked-steps'],
  },
  {
    name: 'a step says what it did when its transaction has ended',
    edits: [
      {
        file: guard,
        find: `      if (type !== undefined) await publish(tx, call, { op: 'do', type, payload, cause });\n`,
        replace: `      void payload;\n`,
      },
      {
        file: guard,
        find: `  if (type !== undefined) database.notify(outboxChannel);\n  return result;\n`,
        replace: `  if (type !== undefined)\n    await database.transaction((tx) => publish(tx, call, { op: 'do', type, payload: {}, cause }));\n  return result;\n`,
      },
    ],
    tests: ['test/guard/outbox'],
  },
  {
    name: 'the relay is not woken when a step is done',
    edits: [
      {
        file: guard,
        find: `  if (type !== undefined) database.notify(outboxChannel);\n  return result;\n`,
        replace: `  return result;\n`,
      },
    ],
    tests: ['test/guard/notify'],
  },
  {
    name: 'a refusal does not ask whether the step was done',
    edits: [
      {
        file: guard,
        find: `      if ((await tx.opened).length === 1) await publish(tx, call, { op: 'do', type, ...refusal });`,
        replace: `      await publish(tx, call, { op: 'do', type, ...refusal });`,
      },
    ],
    tests: ['test/guard/outbox'],
  },
];
