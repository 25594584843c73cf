import {
  ApplicationFailure,
  CancelledFailure,
  isCancellation,
  setDefaultSignalHandler,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { z } from 'zod';
import { countEnded, countStarted } from './count.ts';
import { milliseconds } from './duration.ts';
import { decide, decideUpdate, sagaQuery } from './messages.ts';
import { CannotGoOn, Saga } from './saga.ts';
import { compensatedFailure, compensatingSince } from './state.ts';
import type { StepContract } from './step.ts';

/** What every saga's input may carry. */
interface AnyInput {
  /** ISO 8601 duration from the start; a saga that has not passed its pivot by then is unwound. */
  deadline?: string | undefined;
}

export interface SagaDefinition<Input extends z.ZodType<unknown, AnyInput>, Result> {
  /** As clients name it; the workflow's id is `{type}-{saga id}`. */
  type: string;
  input: Input;
  /** Every step that `run` may call, in the order of its usual way. */
  steps: readonly StepContract[];
  /** The business process. `input` is what was given, checked, and as it travels to steps. */
  run(saga: Saga, input: z.input<Input>): Promise<Result>;
}

/** Makes a saga's definition a Temporal workflow that ends either done or unwound. */
export function defineSaga<Input extends z.ZodType<unknown, AnyInput>, Result>(
  definition: SagaDefinition<Input, Result>,
) {
  const workflow = async (input: z.input<Input>): Promise<Result> => {
    const saga = new Saga(definition.type, sagaIdOf(definition.type), definition.steps);
    listen(saga);
    countStarted(definition.type);
    try {
      const valid = definition.input.safeParse(input);
      if (!valid.success) return saga.fail({ type: 'refused', message: z.prettifyError(valid.error) });
      if (input.deadline) saga.expireAfter(milliseconds(input.deadline));
      const checked = z.encode(definition.input, valid.data);
      const result = await saga.forward.run(() => definition.run(saga, checked));
      saga.show('completed');
      countEnded(definition.type, saga.state);
      return result;
    } catch (error) {
      return end(saga, definition.type, error);
    }
  };
  return Object.assign(workflow, { definition });
}

/** Unwinds and closes the workflow. An error that is no answer of a step is a defect: Temporal retries the task. */
async function end(saga: Saga, type: string, error: unknown): Promise<never> {
  const stopped = isCancellation(error);
  if (saga.committed || !(stopped || error instanceof CannotGoOn)) throw error;
  const cancelled = stopped && !saga.expired;
  if (cancelled) saga.record({ type: 'cancelled', message: 'cancelled on request' });
  else if (stopped) saga.record({ type: 'deadline', message: 'not done by its deadline' });
  upsertMemo({ [compensatingSince]: new Date().toISOString() });
  await saga.unwind();
  saga.show(cancelled ? 'cancelled' : 'compensated');
  countEnded(type, saga.state);
  if (cancelled) throw new CancelledFailure('cancelled on request, and unwound');
  const failure = ApplicationFailure.create({
    type: compensatedFailure,
    nonRetryable: true,
    message: saga.errors.execution
      .map(({ step, message }) => (step ? `${step}: ${message}` : message))
      .join('; '),
    details: [saga.errors],
  });
  // It would say where in the kernel this line stands.
  delete failure.stack;
  throw failure;
}

/** Handlers never throw: an error in one would fail the workflow without unwinding it, or stop it for good. */
function listen(saga: Saga) {
  const { desk } = saga;
  const ignore = (signal: string, why: string, detail: string) =>
    saga.note({ event: 'ignored-signal', signal, why, detail: detail.slice(0, 500) });

  setHandler(decide, (candidate: unknown) => {
    const refusal = desk.refusal(candidate);
    if (refusal) ignore(decide.name, refusal.why, refusal.detail);
    else saga.note({ event: 'decision', ...desk.take(candidate) });
  });
  setHandler(
    decideUpdate,
    (candidate: unknown) => {
      const repeated = desk.repeated(candidate);
      if (repeated) return repeated;
      const decision = desk.take(candidate);
      saga.note({ event: 'decision', ...decision });
      return decision;
    },
    {
      validator(candidate: unknown) {
        const refusal = desk.repeated(candidate) ? undefined : desk.refusal(candidate);
        if (refusal)
          throw ApplicationFailure.create({ type: refusal.why, message: refusal.detail, details: [refusal] });
      },
    },
  );
  setDefaultSignalHandler((name) => ignore(name, 'unknown', 'no such signal'));
  setHandler(sagaQuery, () => ({ state: saga.state, stack: saga.stack, parked: [], errors: saga.errors }));
}

function sagaIdOf(type: string): string {
  const { workflowId } = workflowInfo();
  const id = workflowId.startsWith(`${type}-`) ? workflowId.slice(type.length + 1) : '';
  if (z.uuid().safeParse(id).success) return id;
  throw ApplicationFailure.nonRetryable(`the workflow id must be ${type}-<UUID>`);
}
