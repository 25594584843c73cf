import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

export const sagaStates = [
  'running',
  'waiting',
  'parked',
  'compensating',
  'completed',
  'compensated',
  'cancelled',
  'failed',
] as const;
export type SagaState = (typeof sagaStates)[number];

export const isSagaState = (value: unknown): value is SagaState =>
  sagaStates.some((state) => state === value);

/** States in which nothing happens without an operator. */
export const isSettled = (state: SagaState) => state !== 'running' && state !== 'compensating';

const endStates: SagaState[] = ['completed', 'compensated', 'cancelled', 'failed'];
export const isEnded = (state: SagaState) => endStates.includes(state);

/** The search attributes by which operators find sagas. */
export const sagaTypeKey = defineSearchAttributeKey('SagaType', SearchAttributeType.KEYWORD);
export const sagaStateKey = defineSearchAttributeKey('SagaState', SearchAttributeType.KEYWORD);
export const sagaStepKey = defineSearchAttributeKey('SagaStep', SearchAttributeType.KEYWORD);

export interface SagaName {
  type: string;
  sagaId: string;
}

export const workflowId = (type: string, sagaId: string) => `${type}-${sagaId}`;

/** The workflow that stands in for a saga whose own was terminated or timed out. */
export const unwinderId = (sagaId: string) => `unwind-${sagaId}`;

/** The workflow that delivers an alert: one for each key of a saga. */
export const alertId = (sagaId: string, key: string) => `alert-${sagaId}-${key}`;
export const alertSummary = ({ type, step }: { type: string; step: string | null }) =>
  `Alert: ${type} ${step ?? ''}`;

/** The failure types that name a saga's end where Temporal's status is not specific enough. */
export const compensatedFailure = 'SagaCompensated';
export const cancelledFailure = 'SagaCancelled';
export const failedFailure = 'SagaFailed';

/** The memo field with the start of the unwinding: RFC 3339, UTC. */
export const compensatingSinceKey = 'compensating_since';

/** The memo field with the time after which an alert is due: an ISO 8601 duration. */
export const alertAfterKey = 'alert_after';
