import type { StepEntry, TimelineEntry } from '../../src/saga/timeline.ts';
import type { System } from '../support/system.ts';
import { errorLine, type GuardRow, guardLine, sideOf, type View } from './view.ts';

/** What is to be seen of a saga now. */
export async function look(system: System, id: string): Promise<View> {
  const [{ state, timeline, errors }, guard] = await Promise.all([system.get(id), guardRows(system, id)]);
  return {
    state,
    steps: timeline.flatMap((entry) =>
      isStep(entry) ? [`${sideOf(entry.op, entry.step, entry.generation)} ${entry.status}`] : [],
    ),
    events: timeline.flatMap(eventLine),
    execution: errors.execution.map(errorLine),
    compensation: errors.compensation.map(errorLine),
    guard,
  };
}

const isStep = (entry: TimelineEntry): entry is StepEntry => !('event' in entry);

function eventLine(entry: TimelineEntry): string[] {
  if (isStep(entry)) return [];
  const { event } = entry;
  if (event === 'alert') return [`alert ${entry['op']} ${entry['step']}`];
  if (event === 'operator') return [`operator ${entry['action']} ${entry['step']}`];
  return [event];
}

export async function guardRows({ sql }: System, id: string): Promise<string[]> {
  const { unwind, ...services } = sql;
  const rows = await Promise.all(
    Object.values(services).map(
      (service) => service<GuardRow[]>`
        select position, step, generation, op, written_by as by,
          case op when 'undo' then result #>> '{}' end as outcome
        from saga_step where saga_id = ${id}`,
    ),
  );
  return rows.flat().map(guardLine).sort();
}
