import type { Client } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';
import type { HistoryEvent } from '../saga/history-event.ts';
import { orGone } from './grpc.ts';

/** One run of a workflow, with its whole history. */
export interface Run {
  workflowId: string;
  runId: string;
  events: HistoryEvent[];
  /** The run that continued as new with this one. */
  continues: string | undefined;
  /** The run that was reset; the first `copied` events are copies of its events. */
  base: string | undefined;
  copied: number;
  /** Milliseconds since 1970. */
  since: number;
}

/** The newest run, unless `runId` names another. Undefined if it is not kept. */
export async function fetchRun(client: Client, workflowId: string, runId?: string): Promise<Run | undefined> {
  const history = await orGone(client.workflow.getHandle(workflowId, runId).fetchHistory());
  return history && runOf(workflowId, history.events ?? []);
}

/** The event after the copied ones marks the reset. */
export const isReset = (event: HistoryEvent) => Boolean(event.workflowTaskFailedEventAttributes?.newRunId);

function runOf(workflowId: string, events: HistoryEvent[]): Run {
  // Earlier marks are copies, of a base that was itself reset.
  const copied = Math.max(0, events.findLastIndex(isReset));
  const { baseRunId, newRunId } = events[copied]?.workflowTaskFailedEventAttributes ?? {};
  const { continuedExecutionRunId, originalExecutionRunId } =
    events[0]?.workflowExecutionStartedEventAttributes ?? {};
  return {
    workflowId,
    runId: newRunId || originalExecutionRunId || '',
    events,
    continues: continuedExecutionRunId || undefined,
    base: baseRunId || undefined,
    copied,
    since: tsToMs(events[copied]?.eventTime),
  };
}
