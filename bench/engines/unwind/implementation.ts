import { and, eq } from 'drizzle-orm';
import { bigint, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { implement } from '../../../src/guard/implement.ts';
import { stampColumns } from '../../../src/guard/schema.ts';
import { refuse } from '../../../src/saga/errors.ts';
import { refusal, type StepName } from '../../four-steps.ts';
import type { contractsOf } from './steps.ts';

const effect = pgTable('effect', {
  ...stampColumns(),
  sagaId: uuid('saga_id').notNull(),
  step: text('step').notNull(),
  amount: bigint('amount', { mode: 'number' }).notNull(),
  reversedAt: timestamp('reversed_at', { withTimezone: true }),
});

type Contracts = ReturnType<typeof contractsOf>;

/** Each runs the statement that all contenders run. The row references its guard row, as all rows of Unwind do. */
export function stepsOf(contracts: Contracts) {
  const step = (contract: Contracts[keyof Contracts], name: StepName) =>
    implement(contract, {
      async do(tx, { amount, refused }, stamp) {
        if (refused) refuse(refusal);
        await tx
          .insert(effect)
          .values({ step: name, amount, ...stamp })
          .onConflictDoNothing({ target: [effect.sagaId, effect.step] });
        return { amount };
      },
      async undo(tx, _done, { sagaId }) {
        await tx
          .update(effect)
          .set({ reversedAt: new Date() })
          .where(and(eq(effect.sagaId, sagaId), eq(effect.step, name)));
      },
    });
  return {
    registerCustomer: step(contracts.registerCustomer, 'register-customer'),
    submitApplication: step(contracts.submitApplication, 'submit-application'),
    bookLoan: step(contracts.bookLoan, 'book-loan'),
    disburseFunds: step(contracts.disburseFunds, 'disburse-funds'),
  };
}
