import type { temporal } from '@temporalio/proto';

/** An event of a workflow's history, and an activity in progress, as Temporal's server returns them. */
export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
export type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;
