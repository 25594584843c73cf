import { eagerStartMutants } from './eager-start-mutants.ts';
import { eventMutants } from './event-mutants.ts';
import { guardMutants } from './guard-mutants.ts';
import { kernelMutants } from './kernel-mutants.ts';
import { moneyMutants } from './money-mutants.ts';
import { placedMutants } from './placed-mutants.ts';
import { resetMutants } from './reset-mutants.ts';
import { retentionMutants } from './retention-mutants.ts';

export interface Edit {
  file: string;
  /** Occurs once in the file. */
  find: string;
  replace: string;
}

export interface Mutant {
  name: string;
  edits: Edit[];
  /** The tests that must notice: file name patterns. */
  tests: string[];
}

/** Ways to break what Unwind guarantees. */
export const mutants: Mutant[] = [
  ...kernelMutants,
  ...guardMutants,
  ...moneyMutants,
  ...placedMutants,
  ...resetMutants,
  ...eagerStartMutants,
  ...eventMutants,
  ...retentionMutants,
];
