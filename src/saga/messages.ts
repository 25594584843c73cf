import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Decision } from './decision.ts';
import type { SagaErrors } from './errors.ts';
import type { SagaState } from './state.ts';
import type { StepKey } from './step.ts';

/** What `temporal workflow signal --name decide` sends. */
export const decide = defineSignal<[unknown]>('decide');

/** As the signal, and answers the standing decision or the reason why it was not taken. */
export const decideUpdate = defineUpdate<Decision, [unknown]>('decide');

export interface SagaView {
  state: SagaState;
  stack: readonly StepKey[];
  parked: readonly StepKey[];
  errors: SagaErrors;
}

export const sagaQuery = defineQuery<SagaView>('saga');
