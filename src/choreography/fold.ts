import { z } from 'zod';
import { type SagaError, sagaErrorSchema } from '../saga/errors.ts';
import type { SagaState } from '../saga/state.ts';
import type { StepOp } from '../saga/step.ts';
import type { SagaSnapshot, StepEntry } from '../saga/timeline.ts';
import type { SagaEvent } from '../services/registry/append-event.ts';
import type { Trouble } from '../services/registry/read-events.ts';
import { isKnown, nextStepAfter, purchaseContext } from './purchase.ts';

const refusal = z.object({ reason: z.string(), error: sagaErrorSchema.shape.type });

type Happened = Pick<SagaEvent, 'type' | 'op' | 'step'>;

/** Undefined after the last event. */
function nextAfter({ type }: Happened): { step: string; op: StepOp } | undefined {
  const next = nextStepAfter(type);
  return next && { step: next.step.contract.name, op: next.op };
}

export function stateAfter(event: Happened): SagaState {
  const next = nextAfter(event);
  if (next) return next.op === 'do' ? 'running' : 'compensating';
  // Published by a newer version.
  if (!isKnown(event.type)) return 'running';
  return event.op === 'do' ? 'completed' : 'compensated';
}

export const stepAfter = (event: Happened): string => nextAfter(event)?.step ?? event.step;

/**
 * Each event takes three numbers: for the step done, for the step tried next, and for all that happens to that one until
 * the next event: failed attempts, parking, release.
 */
interface TimelineUpdate {
  seq: number;
  entry: StepEntry;
  state: SagaState;
}

/** `events`: of one saga, in order. */
export function timelineOf(events: readonly SagaEvent[]): TimelineUpdate[] {
  return events.flatMap((event, index) => {
    const state = stateAfter(event);
    const next = nextAfter(event);
    const at = event.at.toISOString();
    const ordinal = 3 * index;
    const done = { seq: ordinal + 1, entry: entryOf(event, ordinal + 1, events[index - 1]), state };
    if (!next) return [done];
    const pending = { generation: 1, status: 'running', attempt: 1, finished_at: null, error: null } as const;
    const entry = { seq: ordinal + 2, ...next, ...pending, started_at: at };
    return [done, { seq: ordinal + 2, entry, state }];
  });
}

function entryOf(event: SagaEvent, seq: number, cause: SagaEvent | undefined): StepEntry {
  const { step, op, attempt, at } = event;
  const refused = refusal.safeParse(event.payload).data;
  return {
    seq,
    step,
    op,
    generation: 1,
    status: refused ? 'refused' : 'done',
    attempt,
    started_at: (cause?.at ?? at).toISOString(),
    finished_at: at.toISOString(),
    error: refused?.reason ?? null,
  };
}

export function snapshotOf(events: readonly SagaEvent[], trouble: Trouble | undefined): SagaSnapshot {
  const entries = new Map<string, StepEntry>();
  for (const { entry } of timelineOf(events)) entries.set(`${entry.op}:${entry.step}`, entry);
  const last = events.at(-1);
  const pending = last && nextAfter(last);
  const tried = pending && entries.get(`${pending.op}:${pending.step}`);
  const errors: SagaSnapshot['errors'] = { execution: events.flatMap(refusalOf), compensation: [] };
  if (tried && trouble)
    Object.assign(tried, { seq: tried.seq + 1, attempt: trouble.attempt, error: trouble.error });
  if (tried && trouble?.parkedAt) {
    const { step, op } = tried;
    const { attempt: attempts, error: message } = trouble;
    const at = trouble.parkedAt.toISOString();
    Object.assign(tried, { status: 'parked', finished_at: at });
    const failed = { step, op, type: 'failed', message, attempts, at } as const;
    errors[op === 'undo' ? 'compensation' : 'execution'].push(failed);
  }
  const state = last ? stateAfter(last) : 'running';
  return {
    state: trouble?.parkedAt ? 'parked' : state,
    step: last ? stepAfter(last) : null,
    input: purchaseContext.safeParse(events[0]?.context).data?.input ?? null,
    result: last && state === 'completed' ? resultOf(last) : null,
    errors,
    timeline: [...entries.values()],
  };
}

function refusalOf({ step, op, payload, attempt, at }: SagaEvent): SagaError[] {
  const refused = refusal.safeParse(payload).data;
  if (!refused) return [];
  const { error: type, reason: message } = refused;
  return [{ step, op, type, message, attempts: attempt, at: at.toISOString() }];
}

/** Order and payment have the saga's id. */
function resultOf({ sagaId, payload }: SagaEvent) {
  const { delivery_id } = z.object({ delivery_id: z.string() }).parse(payload);
  return { order_id: sagaId, payment_id: sagaId, delivery_id };
}
