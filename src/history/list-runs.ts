import type { Client } from '@temporalio/client';
import { tsToDate } from '@temporalio/common/lib/time';
import type { temporal } from '@temporalio/proto';
import { fieldOf } from '../saga/lenient-payloads.ts';
import {
  isSagaState,
  type SagaState,
  sagaStateKey,
  sagaStepKey,
  sagaTypeKey,
  unwinderId,
  workflowId,
} from '../saga/state.ts';

/** A run of a saga's workflow or of its unwinder, from Temporal's index, which lags behind the histories. */
export interface ListedRun {
  sagaId: string;
  type: string;
  workflowId: string;
  runId: string;
  isUnwinder: boolean;
  /** Terminated or timed out: `state` is not that of its end. */
  isLeftBehind: boolean;
  state: SagaState;
  step: string | null;
  startedAt: Date;
  closedAt: Date | undefined;
}

interface Page {
  pageSize: number;
  token?: Uint8Array | undefined;
}

/** Open runs first, newest start first; then closed ones, last close first: the default order of all stores of Temporal. */
export async function listRuns(client: Client, query: string, { pageSize, token }: Page) {
  const { executions, nextPageToken } = await client.workflowService.listWorkflowExecutions({
    namespace: client.options.namespace,
    query,
    pageSize,
    ...(token && { nextPageToken: token }),
  });
  return {
    runs: (executions ?? []).flatMap((info) => listedRun(info) ?? []),
    /** Undefined on the last page. */
    nextPageToken: nextPageToken?.length ? nextPageToken : undefined,
  };
}

/** temporal.api.enums.v1.WorkflowExecutionStatus */
const [terminated, timedOut] = [5, 7];

function listedRun(info: temporal.api.workflow.v1.IWorkflowExecutionInfo): ListedRun | undefined {
  const { execution, status, startTime, closeTime } = info;
  const fields = info.searchAttributes?.indexedFields;
  const type = fieldOf(fields, sagaTypeKey.name);
  const state = fieldOf(fields, sagaStateKey.name);
  const step = fieldOf(fields, sagaStepKey.name);
  if (typeof type !== 'string' || !isSagaState(state) || !startTime) return undefined;
  const id = execution?.workflowId ?? '';
  const isUnwinder = info.type?.name === unwinderType;
  return {
    sagaId: id.slice((isUnwinder ? unwinderId('') : workflowId(type, '')).length),
    type,
    workflowId: id,
    runId: execution?.runId ?? '',
    isUnwinder,
    isLeftBehind: status === terminated || status === timedOut,
    state,
    step: typeof step === 'string' && step !== '' ? step : null,
    startedAt: tsToDate(startTime),
    closedAt: closeTime ? tsToDate(closeTime) : undefined,
  };
}

/** As workers register it. */
export const unwinderType = 'unwind';
