import type { StepContract } from '../../src/saga/step.ts';
import type * as definitions from '../../src/workflows/sagas.ts';
import type { System } from '../support/system.ts';
import { loanPaymentFacts } from './loan-payment.ts';
import { mortgageOrigination } from './mortgage-origination.ts';
import { purchaseFacts } from './purchase.ts';
import { rehearsal } from './rehearsal.ts';

/** One way through a saga's steps. */
export interface Way {
  name: string;
  /** By name, in the order in which the saga takes them when nothing fails. */
  steps: readonly string[];
  /** The step before which the saga waits for a decision. */
  decidedBefore?: string;
  /** The input that makes the saga go this way. */
  input(system: System): Promise<Record<string, unknown>>;
  /** What an operator changes in the input of a step that can be corrected. */
  correction?: Record<string, unknown>;
  /** Part of the saga's result at the end of this way. */
  result: Record<string, unknown>;
}

/** Something that was done, or reversed, for good. */
export interface Effect {
  step: string;
  generation: number;
  reversed: boolean;
}

/** What the matrix must be told of a saga, beside its step objects. */
export interface SagaFacts {
  steps: readonly StepContract[];
  ways: readonly Way[];
  /** A compensation that fails as long as the effect of this other step is in place. */
  undoNeeds: Record<string, string>;
  /** The business rows that these effects leave, in their order; `rows` reads the same from the databases. */
  left(effects: readonly Effect[], way: Way): unknown;
  rows(system: System, id: string, input: Record<string, unknown>): Promise<unknown>;
}

export type SagaName = keyof typeof definitions;

/** A new saga joins the matrix here. */
export const sagas: Record<SagaName, SagaFacts> = {
  'loan-payment': loanPaymentFacts,
  'mortgage-origination': mortgageOrigination,
  purchase: purchaseFacts,
  rehearsal,
};

export const sagaNames = Object.keys(sagas).filter((name): name is SagaName => name in sagas);

export const contractsOf = (saga: SagaName, way: Way): StepContract[] =>
  way.steps.map((name) => {
    const contract = sagas[saga].steps.find((step) => step.name === name);
    if (!contract) throw new Error(`${saga} has no step ${name}: mend its way '${way.name}' in test/matrix`);
    return contract;
  });
