import { SagaFold } from '../saga/fold/fold.ts';
import { endOf } from '../saga/fold/fold-end.ts';
import type { HistoryEvent } from '../saga/history-event.ts';
import type { SagaState } from '../saga/state.ts';
import type { TimelineEntry, Update } from '../saga/timeline.ts';
import type { Run } from './fetch-run.ts';
import type { Runs } from './read-runs.ts';

/** The events that a run adds to those of earlier runs. */
export interface Chapter {
  workflowId: string;
  runId: string;
  events: HistoryEvent[];
  /** Prepares a fold for this run. */
  enter(fold: SagaFold): void;
}

interface Context {
  /** The chapters before the first run. */
  prior?: Chapter[];
  /** Called with a fold before the first run. */
  begin?: (fold: SagaFold) => void;
  /** How many numbers to leave out before a run, after these chapters. */
  skipped?: (run: Run, before: Chapter[]) => number;
}

/** Of the runs of one workflow. */
export function chaptersOf(
  { runs }: Pick<Runs, 'runs'>,
  { prior = [], begin = () => {}, skipped = () => 0 }: Context = {},
): Chapter[] {
  const kept = new Map(runs.map((run) => [run.runId, run]));
  const find = (runId: string | undefined) => (runId === undefined ? undefined : kept.get(runId));
  const start = () => {
    const fold = foldChapters(prior);
    begin(fold);
    return fold;
  };
  /** The state of a run after so many of its events. */
  const known = (run: Run, count: number): SagaFold => {
    const before = find(run.continues);
    const fold = before ? known(before, before.events.length) : start();
    fold.enterRun();
    for (const event of run.events.slice(0, count)) fold.apply(event);
    return fold;
  };
  const chapters: Chapter[] = [];
  for (const [index, run] of runs.entries()) {
    const numbers = skipped(run, [...prior, ...chapters]);
    // If the base is no longer kept, only its copy is left.
    const copied = find(run.base) ? run.copied : 0;
    const enter = (fold: SagaFold) => {
      if (index === 0) begin(fold);
      else if (copied === 0 && run.continues === runs[index - 1]?.runId) fold.enterRun();
      else fold.enterReset(known(run, copied));
      fold.skip(numbers);
    };
    const { workflowId, runId, events } = run;
    chapters.push({ workflowId, runId, events: events.slice(copied), enter });
  }
  return chapters;
}

/** The updates of one event, in order: the entries that it changed, the last one with the state. */
export function updatesOf(fold: SagaFold, entries: TimelineEntry[], state?: SagaState): Update[] {
  const [last, ...before] = entries.toReversed();
  if (!last && !state) return [];
  return [
    ...before.toReversed().map((entry) => ({ seq: entry.seq, entry })),
    { seq: fold.seq, entry: last, state },
  ];
}

/** `onUpdate` receives what each event changed. */
export function foldChapters(chapters: Chapter[], onUpdate: (update: Update) => void = () => {}): SagaFold {
  const fold = new SagaFold();
  let shown: SagaState | undefined;
  chapters.forEach(({ workflowId, events, enter }, index) => {
    const goesOn = chapters[index + 1]?.workflowId === workflowId;
    enter(fold);
    for (const event of events) {
      const entries = fold.apply(event);
      // The end of a run is not the saga's state if another run follows.
      const passing = goesOn && endOf(event) !== undefined;
      const state = passing || fold.state === shown ? undefined : fold.state;
      shown = state ?? shown;
      for (const update of updatesOf(fold, entries, state)) onUpdate(update);
    }
  });
  return fold;
}
