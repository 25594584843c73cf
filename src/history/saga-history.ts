import type { Client } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';
import { endOf } from '../saga/fold-end.ts';
import type { PendingActivity } from '../saga/fold-steps.ts';
import { unwinderId, workflowId } from '../saga/state.ts';
import { type Chapter, chaptersOf, foldChapters } from './chapters.ts';
import type { Run } from './run.ts';
import { type Runs, readRuns } from './runs.ts';

export interface SagaName {
  type: string;
  sagaId: string;
}

export interface SagaHistory {
  chapters: Chapter[];
  /** The run in which the saga goes on, if it has not ended. */
  newest: Run;
  /** What that one is trying now. */
  pending: PendingActivity[];
}

/** All that Temporal still has of a saga: its runs and, if its workflow was terminated or timed out, its unwinder's. */
export async function readSagaHistory(
  client: Client,
  { type, sagaId }: SagaName,
): Promise<SagaHistory | undefined> {
  const saga = await readRuns(client, workflowId(type, sagaId));
  const chapters = saga ? chaptersOf(saga) : [];
  if (saga && !isLeftBehind(saga.newest, chapters)) return { ...saga, chapters };

  const unwinder = await readRuns(client, unwinderId(sagaId));
  if (!unwinder || (saga && closedBefore(unwinder, saga))) return saga && { ...saga, chapters };
  const more = chaptersOf(unwinder, chapters, (fold) => fold.enterUnwinder());
  return { ...unwinder, chapters: [...chapters, ...more] };
}

/** Whether it was terminated or timed out, and something may be left to undo. */
function isLeftBehind({ events }: Run, chapters: Chapter[]): boolean {
  const last = events.at(-1);
  return last !== undefined && endOf(last)?.state === 'parked' && foldChapters(chapters).state === 'parked';
}

/** An unwinder that had ended when the saga was reset has nothing to do with what the saga did then. */
function closedBefore(unwinder: Runs, saga: Runs): boolean {
  const last = unwinder.newest.events.at(-1);
  return last !== undefined && endOf(last) !== undefined && tsToMs(last.eventTime) < closedAt(saga);
}

const closedAt = ({ newest }: Runs) => tsToMs(newest.events.at(-1)?.eventTime);
