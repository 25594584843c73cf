import type { Alert } from '../saga/activities.ts';
import { placementKey } from '../saga/inline/inline-run.ts';
import {
  alertAfterKey,
  alertId,
  alertSummary,
  type SagaName,
  sagaStateKey,
  sagaStepKey,
  sagaTypeKey,
  unwinderId,
  workflowId,
} from '../saga/state.ts';

/** The task queue on which all sagas' workflows run. */
export const sagaTaskQueue = 'sagas';

interface Settings {
  /** The time after which an alert is due: an ISO 8601 duration. */
  alertAfter: string;
  /** The services whose steps run with the workflow's worker; recorded in the memo. */
  placement?: readonly string[] | undefined;
}

/** Start options of the workflow `unwind`, which stands in for a terminated or timed-out saga. */
export const unwinderStart = ({ alertAfter }: Settings, { type, sagaId }: SagaName) => ({
  ...common(type, 'parked', alertAfter),
  workflowId: unwinderId(sagaId),
  workflowIdConflictPolicy: 'USE_EXISTING' as const,
  args: [{ type, saga_id: sagaId }],
  staticSummary: `Unwinder: ${type}`,
});

/** Start options of a saga's workflow. */
export const sagaStart = (
  { alertAfter, placement = [] }: Settings,
  { type, sagaId }: SagaName,
  input: unknown,
) => ({
  ...common(type, 'running', alertAfter, placement.length > 0 ? { [placementKey]: placement } : {}),
  workflowId: workflowId(type, sagaId),
  args: [input],
  staticSummary: `Saga: ${type}`,
});

/** Start options of the workflow `alert`: one for each key of a saga. */
export function alertStart(key: string, content: Alert) {
  const id = alertId(content.saga_id, key);
  return {
    taskQueue: sagaTaskQueue,
    workflowId: id,
    args: [content, id],
    workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
    staticSummary: alertSummary(content),
  };
}

const common = (
  type: string,
  state: 'running' | 'parked',
  alertAfter: string,
  memo: Record<string, unknown> = {},
) => ({
  taskQueue: sagaTaskQueue,
  workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
  memo: { [alertAfterKey]: alertAfter, ...memo },
  typedSearchAttributes: [
    { key: sagaTypeKey, value: type },
    { key: sagaStateKey, value: state },
    { key: sagaStepKey, value: '' },
  ],
});
