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

/** States in which nothing happens until somebody acts, if ever. */
export const isSettled = (state: SagaState) => state !== 'running' && state !== 'compensating';

/** The search attributes by which operators find sagas. */
export const SagaType = defineSearchAttributeKey('SagaType', SearchAttributeType.KEYWORD);
export const SagaStateKey = defineSearchAttributeKey('SagaState', SearchAttributeType.KEYWORD);
export const SagaStep = defineSearchAttributeKey('SagaStep', SearchAttributeType.KEYWORD);

export const workflowId = (type: string, sagaId: string) => `${type}-${sagaId}`;

/** How a saga that ended unwound names itself to Temporal. */
export const compensatedFailure = 'SagaCompensated';

/** The field of the memo that says since when a saga has been unwinding: RFC 3339, UTC. */
export const compensatingSince = 'compensating_since';
