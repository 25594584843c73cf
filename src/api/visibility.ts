import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { tsToDate } from '@temporalio/common/lib/time';
import { isSagaState, type SagaState, SagaStateKey, SagaStep, SagaType } from '../saga/state.ts';
import { askTemporal } from './temporal.ts';

export interface ListedSaga {
  saga_id: string;
  type: string;
  state: SagaState;
  step: string | null;
  started_at: string;
  ended_at: string | null;
}

export interface SagaPage {
  items: ListedSaga[];
  /** Absent on the last page. */
  nextPageToken: Uint8Array | undefined;
}

interface Page {
  limit: number;
  token?: Uint8Array | undefined;
}

/** temporal.api.enums.v1.WorkflowExecutionStatus: nobody wrote the state of such a saga at its end. */
const [terminated, timedOut] = [5, 7];

/** Open sagas first, then those that ended last: the order that every store of Temporal's knows without being asked. */
export async function searchSagas(client: Client, query: string, { limit, token }: Page): Promise<SagaPage> {
  const { executions, nextPageToken } = await askTemporal(client, () =>
    client.workflowService.listWorkflowExecutions({
      namespace: client.options.namespace,
      query,
      pageSize: limit,
      ...(token ? { nextPageToken: token } : {}),
    }),
  );
  const items = (executions ?? []).flatMap(
    ({ execution, searchAttributes, status, startTime, closeTime }) => {
      const read = (name: string): unknown => {
        const payload = searchAttributes?.indexedFields?.[name];
        return payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
      };
      const type = read(SagaType.name);
      const state = status === terminated || status === timedOut ? 'parked' : read(SagaStateKey.name);
      const step = read(SagaStep.name);
      if (typeof type !== 'string' || !isSagaState(state) || !startTime) return [];
      return {
        saga_id: execution?.workflowId?.slice(type.length + 1) ?? '',
        type,
        state,
        step: typeof step === 'string' && step !== '' ? step : null,
        started_at: tsToDate(startTime).toISOString(),
        ended_at: closeTime ? tsToDate(closeTime).toISOString() : null,
      };
    },
  );
  return { items, nextPageToken: nextPageToken?.length ? nextPageToken : undefined };
}

/** A query for sagas by what an operator knows of them; the values must hold no quotes. */
export function sagaQuery({
  type,
  state,
  step,
}: {
  type?: string | undefined;
  state?: SagaState | undefined;
  step?: string | undefined;
}) {
  const alive = 'ExecutionStatus != "Terminated" and ExecutionStatus != "TimedOut"';
  const inState =
    state === 'parked'
      ? '(SagaState = "parked" or ExecutionStatus = "Terminated" or ExecutionStatus = "TimedOut")'
      : `SagaState = "${state}" and ${alive}`;
  return [
    type === undefined ? 'SagaType is not null' : `SagaType = "${type}"`,
    'ExecutionStatus != "ContinuedAsNew"',
    ...(state === undefined ? [] : [inState]),
    ...(step === undefined ? [] : [`SagaStep = "${step}"`]),
  ].join(' and ');
}
