import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { OperatorAction, Parked } from './data.ts';
import type { Decision } from './decision.ts';
import type { SagaErrors } from './errors.ts';
import type { OrderRefusal } from './operator.ts';
import type { SagaState } from './state.ts';
import type { StepKey } from './step.ts';

/** What `temporal workflow signal --name decide` sends. */
export const decide = defineSignal<[unknown]>('decide');

/** As the signal, and answers the standing decision or the reason why it was not taken. */
export const decideUpdate = defineUpdate<Decision, [unknown]>('decide');

/** What `temporal workflow signal --name retry` sends, and the same for the other actions. */
export const orderSignal = (action: OperatorAction) => defineSignal<[unknown]>(action);

/** As the signal, and answers the saga's state or the reason why the order was not taken. */
export const orderUpdate = (action: OperatorAction) => defineUpdate<OrderAnswer, [unknown]>(action);
export interface OrderAnswer {
  state: SagaState;
  /** Why it could not be carried out after all. */
  refusal?: OrderRefusal | undefined;
}

export interface SagaView {
  state: SagaState;
  stack: readonly StepKey[];
  parked: readonly Pick<Parked, 'step' | 'op' | 'generation' | 'error' | 'possible'>[];
  errors: SagaErrors;
}

export const sagaQuery = defineQuery<SagaView>('saga');
