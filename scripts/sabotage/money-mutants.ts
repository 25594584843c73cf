import type { Mutant } from './mutants.ts';

/** Ways to break the rules of services that move money. */
export const moneyMutants: Mutant[] = [
  {
    name: 'a refund marks the payment and moves no money',
    edits: [
      {
        file: 'src/services/loan/capture-payment.ts',
        find: `    await postReversal(tx, stamp);\n`,
        replace: '',
      },
    ],
    tests: ['test/resources/payments'],
  },
  {
    name: 'a payment may be more than is owed',
    edits: [
      {
        file: 'src/services/loan/allocation.ts',
        find: `  if (amount > payoff) return refuseAmount('more than is owed', payoff);\n  if (principal > balance) return refusePrincipal('above', balance, payoff);\n`,
        replace: '',
      },
    ],
    tests: ['test/resources/payments'],
  },
  {
    name: 'a purchase of all that may be paid has insufficient funds',
    edits: [
      {
        file: 'src/services/payment/create-payment.ts',
        find: `amount > paymentLimit`,
        replace: `amount >= paymentLimit`,
      },
    ],
    tests: ['test/workflows/purchase'],
  },
  {
    name: 'a customer may not owe all of the lending limit',
    edits: [
      {
        file: 'src/services/loan/book-loan.ts',
        find: `owed > lendingLimit`,
        replace: `owed >= lendingLimit`,
      },
    ],
    tests: ['test/services/book-loan'],
  },
  {
    name: 'payments are allocated without waiting for one another',
    edits: [
      {
        file: 'src/services/loan/allocate-payment.ts',
        find: `.where(eq(loan.id, id)).for('no key update');`,
        replace: `.where(eq(loan.id, id));`,
      },
    ],
    tests: ['test/resources/payments'],
  },
  {
    name: 'a row that a saga holds can be changed',
    edits: [
      {
        file: 'src/services/mortgage/update-application.ts',
        find: `    if (found.heldBy) return refuseHeld('the application', found.heldBy);\n`,
        replace: '',
      },
    ],
    tests: ['test/resources/applications'],
  },
];
