import type { StepContract, StepOp } from '../saga/step.ts';

/** An attempt of a step or its compensation. */
interface Attempt {
  saga: string;
  /** With its `#n`, unlike the contract's name. */
  step: string;
  op: StepOp;
  attempt: number;
  contract: StepContract;
}

interface End {
  /** `done`, the outcome of an undo, or the type of the error. */
  outcome: string;
  /** No further attempt follows. */
  final: boolean;
  error?: unknown;
}

export type StepReport = (ended: Attempt & End & { seconds: number }) => void;

/** Starts the clock of an attempt. Call the result once, when it ends. */
export function startAttempt(report: StepReport, attempt: Attempt): (end: End) => void {
  const since = performance.now();
  return (end) => report({ ...attempt, ...end, seconds: (performance.now() - since) / 1_000 });
}
