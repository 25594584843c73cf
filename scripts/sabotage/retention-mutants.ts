import type { Mutant } from './mutants.ts';

const forget = 'src/retention/forget.ts';

/** Ways to forget what is still needed. */
export const retentionMutants: Mutant[] = [
  {
    name: 'a saga is forgotten that Temporal still has',
    edits: [
      {
        file: forget,
        find: `[workflowId(type, id), unwinderId(id)] : []`,
        replace: `[workflowId(type, unwinderId(id))] : []`,
      },
    ],
    tests: ['test/retention'],
  },
  {
    name: 'a saga is forgotten whose events are not sent',
    edits: [
      {
        file: forget,
        find: `    if (unsent.has(id)) continue;\n`,
        replace: `    void unsent;\n`,
      },
    ],
    tests: ['test/retention'],
  },
  {
    name: 'an event is forgotten that will be brought again',
    edits: [
      {
        file: forget,
        find: `ids.filter((id) => !unsent.includes(id))`,
        replace: `ids.filter(() => unsent.length >= 0)`,
      },
    ],
    tests: ['test/retention'],
  },
  {
    name: 'an event is forgotten that a relay may still have in its hands',
    edits: [
      {
        file: 'src/guard/outbox-forget.ts',
        find: `or(isNull(sagaOutbox.sentAt), gte(sagaOutbox.sentAt, before))`,
        replace: `or(isNull(sagaOutbox.sentAt), before ? undefined : gte(sagaOutbox.sentAt, before))`,
      },
    ],
    tests: ['test/retention'],
  },
  {
    name: 'an id that was forgotten is started again',
    edits: [
      {
        file: 'src/services/registry/claim-saga.ts',
        find: `  if (forgotten) throw new ForgottenSaga();\n`,
        replace: `  if (forgotten && !inserted) throw new ForgottenSaga();\n`,
      },
    ],
    tests: ['test/retention'],
  },
  {
    name: 'the audit is not told of what was forgotten',
    edits: [
      {
        file: 'src/guard/outbox-forget.ts',
        find: `select max(created_at) from gone having count(*) > 0`,
        replace: `select max(created_at) from gone having count(*) < 0`,
      },
    ],
    tests: ['test/retention'],
  },
];
