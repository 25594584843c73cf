import { z } from 'zod';
import { StepError } from '../saga/errors.ts';
import type { StepContract, StepOp } from '../saga/step.ts';
import type { Transaction } from './database.ts';

/** The key of the guard row. An implementation writes it into each row that it inserts. */
export interface Stamp {
  sagaId: string;
  sagaStep: string;
  sagaGeneration: number;
  sagaOp: StepOp;
}

/** A `StepError` is a business refusal; other errors are retried. */
type Do<I, R> = (tx: Transaction, input: I, stamp: Stamp) => Promise<R>;
/** `done`: the step's stored result. */
type Undo<R> = (tx: Transaction, done: R, stamp: Stamp) => Promise<void>;

/** A step as the guard runs it: JSON in, JSON out. */
export interface Step<S extends StepContract = StepContract> {
  readonly contract: S;
  do(tx: Transaction, input: unknown, stamp: Stamp): Promise<unknown>;
  undo(tx: Transaction, done: unknown, stamp: Stamp): Promise<void>;
}

/** `undo` is a function exactly when the contract names a compensation. */
export function implement<I extends z.ZodType, R extends z.ZodType, C extends string | null>(
  contract: StepContract<I, R, C>,
  work: { do: Do<z.output<I>, z.output<R>>; undo: C extends string ? Undo<z.output<R>> : null },
): Step<StepContract<I, R, C>> {
  const reverse: Undo<z.output<R>> | null = work.undo;
  return {
    contract,
    async do(tx, input, stamp) {
      const parsed = contract.input.safeParse(input);
      if (!parsed.success) throw new StepError('refused', z.prettifyError(parsed.error));
      return z.encode(contract.result, await work.do(tx, parsed.data, stamp));
    },
    async undo(tx, done, stamp) {
      await reverse?.(tx, contract.result.parse(done), stamp);
    },
  };
}
