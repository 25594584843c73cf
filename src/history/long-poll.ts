import type { Client } from '@temporalio/client';
import type { HistoryEvent } from '../saga/history-event.ts';
import { orGone } from './grpc.ts';

/** Temporal responds within 20 s. After this many milliseconds it counts as unreachable. */
const longPollMs = 60_000;

/** How far a history was read; `longPoll` advances it. */
export interface LongPoll {
  workflowId: string;
  /** Absent: the newest run. */
  runId?: string;
  /** The id of the last event read. */
  seen: number;
  token?: Uint8Array | null | undefined;
}

/** The events after the last one seen. `idle`: the poll ended without events. */
export async function longPoll(client: Client, poll: LongPoll, signal: AbortSignal) {
  const { workflowId, runId, token } = poll;
  const request = {
    namespace: client.options.namespace,
    execution: { workflowId, ...(runId && { runId }) },
    waitNewEvent: true,
    ...(token && { nextPageToken: token }),
  };
  // The client never removes its listener from a signal.
  const own = new AbortController();
  const abort = () => own.abort();
  signal.addEventListener('abort', abort);
  try {
    const page = await orGone(
      client.withAbortSignal(own.signal, () =>
        client.withDeadline(Date.now() + longPollMs, () =>
          client.workflowService.getWorkflowExecutionHistory(request),
        ),
      ),
    );
    if (!page) return { events: [], idle: false, gone: true, closed: false };
    const events: HistoryEvent[] = page.history?.events ?? [];
    const fresh = events.filter(({ eventId }) => Number(eventId) > poll.seen);
    poll.seen += fresh.length;
    poll.token = page.nextPageToken;
    const idle = events.length === 0;
    return { events: fresh, idle, gone: false, closed: !page.nextPageToken?.length };
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
