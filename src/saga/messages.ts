import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CommandRefusal, OperatorAction } from './command.ts';
import type { Parked } from './data.ts';
import type { Decision } from './decision.ts';
import type { SagaErrors } from './errors.ts';
import type { SagaState } from './state.ts';
import type { ServiceStep } from './step.ts';

/** Sent by `temporal workflow signal --name decide`. */
export const decide = defineSignal<[unknown]>('decide');

/** As the signal; returns the standing decision, or why it was refused. */
export const decideUpdate = defineUpdate<Decision, [unknown]>('decide');

/** Sent by `temporal workflow signal --name retry`, likewise for the other actions. */
export const commandSignal = (action: OperatorAction) => defineSignal<[unknown]>(action);

/** As the signal; returns the state of the saga, or why the command was refused. */
export const commandUpdate = (action: OperatorAction) => defineUpdate<CommandResult, [unknown]>(action);
export interface CommandResult {
  state: SagaState;
  /** Why it could not be carried out. */
  refusal?: CommandRefusal | undefined;
}

export interface SagaView {
  state: SagaState;
  stack: readonly ServiceStep[];
  parked: readonly Pick<Parked, 'step' | 'op' | 'generation' | 'error' | 'possible'>[];
  errors: SagaErrors;
}

export const sagaQuery = defineQuery<SagaView>('saga');
