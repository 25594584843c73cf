import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  patched,
  sleep,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { z } from 'zod';
import { freshData, type SagaData } from './data.ts';
import { duration, milliseconds } from './duration.ts';
import { markUnrecorded, startInline } from './inline/in-workflow.ts';
import { placementKey, placementSchema } from './inline/inline-run.ts';
import type { Saga } from './saga.ts';
import { CannotGoOn, fail } from './workflow/cannot-go-on.ts';
import { countStarted } from './workflow/count.ts';
import { endCompleted, endUnwound } from './workflow/end.ts';
import { listen } from './workflow/listen.ts';
import { recallEarlierRuns, settleUnrecorded } from './workflow/recall.ts';
import { type SagaPlan, SagaRun } from './workflow/run.ts';
import { unwind } from './workflow/unwind.ts';
import { WorkflowSaga } from './workflow/workflow-saga.ts';

/** Fields of every saga's input. */
interface AnyInput {
  /** ISO 8601 duration from the start; a saga that has not passed its pivot by then is unwound. */
  deadline?: string | undefined;
}

export interface SagaDefinition<Input extends z.ZodType<unknown, AnyInput>, Result> extends SagaPlan {
  input: Input;
  /** The business process. `input` is validated and encoded, as steps receive it. */
  run(saga: Saga, input: z.input<Input>): Promise<Result>;
}

export type AnySagaDefinition = SagaDefinition<z.ZodType<unknown, AnyInput>, unknown>;

/** Encoded, as steps receive it. Throws when it is invalid. */
export const checkedInput = <Input extends z.ZodType<unknown, AnyInput>>(
  definition: Pick<SagaDefinition<Input, unknown>, 'input'>,
  input: unknown,
): z.input<Input> => z.encode(definition.input, definition.input.parse(input));

/** Makes a Temporal workflow of a saga's definition. It ends either done or unwound. */
export function defineSaga<Input extends z.ZodType<unknown, AnyInput>, Result>(
  definition: SagaDefinition<Input, Result>,
) {
  /** `carried`: the data of the previous run, after continue-as-new. */
  const workflow = async (input: z.input<Input>, carried?: SagaData): Promise<unknown> => {
    const continued = workflowInfo().continuedFromExecutionRunId !== undefined;
    const data = freshData(continued ? carried : undefined);
    if (!continued) data.placement = placementSchema.parse(workflowInfo().memo?.[placementKey]);
    const run = new SagaRun(definition, sagaIdOf(definition.type), input, data);
    listen(run);
    if (!continued) countStarted(definition.type);
    if (data.unwinding) {
      await unwind(run, data.unwinding);
      return endUnwound(run);
    }
    try {
      const result = await goForward(run, definition, input);
      await endCompleted(run);
      return result;
    } catch (error) {
      return goBack(run, error);
    }
  };
  return Object.assign(workflow, { definition });
}

async function goForward<Input extends z.ZodType<unknown, AnyInput>, Result>(
  run: SagaRun,
  definition: SagaDefinition<Input, Result>,
  input: z.input<Input>,
): Promise<unknown> {
  const parsed = parseInput(definition, input);
  if ('encoded' in parsed) startDeadline(run, input);
  const go = () =>
    run.forward.run(async () => {
      if ('refusal' in parsed) return refuse(run, parsed.refusal);
      const { encoded } = parsed;
      const ended = await startInline(run, encoded);
      return ended ? ended.result : definition.run(new WorkflowSaga(run, encoded), encoded);
    });
  try {
    return await go();
  } catch (error) {
    const isStopped = !run.data.committed && (isCancellation(error) || error instanceof CannotGoOn);
    if (!isStopped || (await settleUnlessRecalled(run)) !== 'committed') throw error;
    return go();
  }
}

/** Returns the input as steps receive it, or why it is refused. */
function parseInput<Input extends z.ZodType<unknown, AnyInput>>(
  { input: schema }: Pick<SagaDefinition<Input, unknown>, 'input'>,
  input: z.input<Input>,
): { encoded: z.input<Input> } | { refusal: string } {
  const valid = schema.safeParse(input);
  if (!valid.success) return { refusal: z.prettifyError(valid.error) };
  if (input.deadline && !duration.safeParse(input.deadline).success)
    return { refusal: `deadline: ${input.deadline} is no ISO 8601 duration` };
  return { encoded: z.encode(schema, valid.data) };
}

/**
 * A worker of another version may have accepted the input and run steps. If these have committed the pivot, the task keeps
 * failing, for an operator to see: neither may the saga end as failed, nor be undone.
 */
function refuse(run: SagaRun, message: string): never {
  markUnrecorded(run.data, run.data.placement);
  return fail(run, { type: 'refused', message });
}

/** After a reset, earlier runs are read from their histories instead. */
async function settleUnlessRecalled(run: SagaRun): Promise<'committed' | 'may be undone'> {
  if (run.data.unrecorded.length > 0 && recallsEarlierRuns(run)) return 'may be undone';
  return settleUnrecorded(run);
}

/** False where a reset has copied an unwinding: its history does not contain the query. */
const recallsEarlierRuns = (run: SagaRun) => run.data.reset && patched('recall-earlier-runs');

/** Unwinds and closes the workflow. Any other error is a defect: Temporal retries the task. */
async function goBack(run: SagaRun, error: unknown): Promise<null> {
  const stopped = isCancellation(error);
  if (run.data.committed || !(stopped || error instanceof CannotGoOn)) throw defect(error);
  if (stopped) run.record(run.stopped ?? { type: 'cancelled', message: 'cancelled on request' });
  run.endForwardWay();
  if (recallsEarlierRuns(run)) {
    const outcome = await CancellationScope.nonCancellable(() => recallEarlierRuns(run));
    if (outcome === 'resolved by hand') {
      await endCompleted(run);
      return null;
    }
  }
  await unwind(run, { cancelled: stopped && !run.stopped });
  return endUnwound(run);
}

/** A failure of Temporal's would close the workflow and leave its effects. */
const defect = (error: unknown): unknown =>
  error instanceof TemporalFailure ? new Error(error.message, { cause: error }) : error;

function startDeadline(run: SagaRun, input: AnyInput) {
  if (!input.deadline) return;
  run.data.deadline ??= workflowInfo().startTime.getTime() + milliseconds(input.deadline);
  void expire(run, run.data.deadline);
}

function expire(run: SagaRun, deadline: number): Promise<void> {
  return CancellationScope.nonCancellable(async () => {
    const left = deadline - Date.now();
    // A run that soon continues as new ends before a timer of a millisecond fires.
    if (left > 0) await sleep(left, { summary: 'Until the deadline' });
    run.passDeadline();
  });
}

function sagaIdOf(type: string): string {
  const { workflowId } = workflowInfo();
  const id = workflowId.startsWith(`${type}-`) ? workflowId.slice(type.length + 1) : '';
  if (z.guid().safeParse(id).success) return id;
  throw ApplicationFailure.nonRetryable(`the workflow id must be ${type}-<UUID>`);
}
