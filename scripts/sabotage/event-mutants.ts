import type { Mutant } from './mutants.ts';

const relayed = 'src/relay/relay-events.ts';

/** Ways to break how events are passed on, and what follows from them. */
export const eventMutants: Mutant[] = [
  {
    name: 'an event counts as sent before it is delivered',
    edits: [
      {
        file: relayed,
        find: `        await keep(relay, service, event);\n`,
        replace: `        await markSent(database, event);\n        await keep(relay, service, event);\n`,
      },
    ],
    tests: ['test/relay/parked'],
  },
  {
    name: 'the events of a saga are taken in any order',
    edits: [{ file: 'src/guard/outbox-take.ts', find: `          notExists(unsentBefore),\n`, replace: '' }],
    tests: ['test/relay/relay.test'],
  },
  {
    name: 'an outage counts as an attempt',
    edits: [
      {
        file: 'src/relay/retry.ts',
        find: `  if (outage) return { park: false, retryInMs: outageMs, counts: false };\n`,
        replace: `  void [outage, outageMs];\n`,
      },
    ],
    tests: ['test/relay/relay.test'],
  },
  {
    name: 'a parked event alerts nobody',
    edits: [
      {
        file: 'src/relay/raise-alert.ts',
        find: `  if (!failure.park) return failure;`,
        replace: `  if (failure.retryInMs >= 0) return failure;`,
      },
    ],
    tests: ['test/relay/parked'],
  },
  {
    name: 'a choreographed payment is not refunded',
    edits: [
      {
        file: 'src/choreography/purchase.ts',
        find: `  'inventory.failed': undo(createPayment),\n`,
        replace: `  'inventory.failed': undo(createOrder),\n`,
      },
    ],
    tests: ['test/choreography/alike'],
  },
];
