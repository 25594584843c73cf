import type { StepContract, StepOp } from '../saga/step.ts';

/** One attempt of a step or its compensation that has ended. */
interface Attempt {
  saga: string;
  /** With its `#n`, unlike the contract's name. */
  step: string;
  op: StepOp;
  attempt: number;
  contract: StepContract;
  /** `done`, what an undo found, or the type of the error. */
  outcome: string;
  /** No further attempt follows. */
  final: boolean;
  seconds: number;
  error?: unknown;
}
export type StepReport = (attempt: Attempt) => void;
