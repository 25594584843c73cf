import type { z } from 'zod';
import type { Database } from '../../src/guard/database.ts';
import { doStep } from '../../src/guard/guard.ts';
import type { Step } from '../../src/guard/implement.ts';
import { formatCents } from '../../src/money/money.ts';
import type { StepContract } from '../../src/saga/step.ts';
import { allocatePayment } from '../../src/services/loan/allocate-payment.ts';
import { capturePayment } from '../../src/services/loan/capture-payment.ts';
import { closeLoan } from '../../src/services/loan/close-loan.ts';
import { closeMortgage } from '../../src/services/mortgage/close-mortgage.ts';
import type { PaymentPlan } from './repayment.ts';

/** Runs a step without a workflow. The guard makes it once-only by the saga id. */
type Saga = <I extends z.ZodType, R extends z.ZodType>(
  database: Database,
  step: Step<StepContract<I, R>>,
  position: number,
  input: z.input<I>,
) => Promise<z.output<R>>;

const sagaOf =
  (saga_id: string): Saga =>
  async (database, step, position, input) => {
    const { name, result } = step.contract;
    return result.parse(
      await doStep(database, step, { saga_id, step: name, generation: 1, position, input }),
    );
  };

/** The steps of the saga loan-payment. */
export async function pay(
  databases: { loan: Database; mortgage: Database },
  sagaId: string,
  loanId: string,
  { amount, type, date }: PaymentPlan,
): Promise<void> {
  const step = sagaOf(sagaId);
  const { payment_id } = await step(databases.loan, capturePayment, 0, {
    loan_id: loanId,
    payment_amount: formatCents(amount),
    payment_type: type,
    payment_date: date.toISOString(),
  });
  const { loan_id, mortgage_id, outstanding_balance } = await step(databases.loan, allocatePayment, 1, {
    payment_id,
  });
  if (outstanding_balance > 0n) return;
  await step(databases.loan, closeLoan, 2, { loan_id });
  await step(databases.mortgage, closeMortgage, 3, { mortgage_id });
}
