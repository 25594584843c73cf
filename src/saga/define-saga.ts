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
import { CannotGoOn, fail } from './cannot-go-on.ts';
import { countEnded, countStarted } from './count.ts';
import { freshData, type SagaData } from './data.ts';
import { duration, milliseconds } from './duration.ts';
import { endUnwound } from './end.ts';
import { doubt, startAhead } from './go-ahead.ts';
import { listen } from './listen.ts';
import { hasCommittedUnrecorded, recallEarlierRuns } from './recall.ts';
import { type SagaPlan, SagaRun } from './run.ts';
import type { Saga } from './saga.ts';
import { placementKey, placementSchema } from './stretch.ts';
import { unwind } from './unwind.ts';
import { WorkflowSaga } from './workflow-saga.ts';

/** What every saga's input may carry. */
interface AnyInput {
  /** ISO 8601 duration from the start; a saga that has not passed its pivot by then is unwound. */
  deadline?: string | undefined;
}

export interface SagaDefinition<Input extends z.ZodType<unknown, AnyInput>, Result> extends SagaPlan {
  input: Input;
  /** The business process. `input` is what was given, checked, and as it travels to steps. */
  run(saga: Saga, input: z.input<Input>): Promise<Result>;
}

export type AnySagaDefinition = SagaDefinition<z.ZodType<unknown, AnyInput>, unknown>;

/** As it travels to steps. Throws when it is not valid. */
export const checkedInput = <Input extends z.ZodType<unknown, AnyInput>>(
  definition: Pick<SagaDefinition<Input, unknown>, 'input'>,
  input: unknown,
): z.input<Input> => z.encode(definition.input, definition.input.parse(input));

/** Makes a saga's definition a Temporal workflow that ends either done or unwound. */
export function defineSaga<Input extends z.ZodType<unknown, AnyInput>, Result>(
  definition: SagaDefinition<Input, Result>,
) {
  /** `carried`: what the run before this one knew, when the workflow continued as new. */
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
      const result = await goForward(run, definition, begin(run, definition, input));
      await endForward(run);
      return result;
    } catch (error) {
      return goBack(run, error);
    }
  };
  return Object.assign(workflow, { definition });
}

/** Answers the input as it travels to steps, and has the deadline watched. */
function begin<Input extends z.ZodType<unknown, AnyInput>>(
  run: SagaRun,
  definition: Pick<SagaDefinition<Input, unknown>, 'input'>,
  input: z.input<Input>,
): z.input<Input> {
  run.goesForward = true;
  const refuse = (message: string) => {
    // A worker of another version may have taken it, and begun.
    doubt(run.data, run.data.placement);
    return fail(run, { type: 'refused', message });
  };
  const valid = definition.input.safeParse(input);
  if (!valid.success) return refuse(z.prettifyError(valid.error));
  if (input.deadline && !duration.safeParse(input.deadline).success)
    return refuse(`deadline: ${input.deadline} is no ISO 8601 duration`);
  if (input.deadline && !run.data.deadlinePassed) {
    run.data.deadline ??= workflowInfo().startTime.getTime() + milliseconds(input.deadline);
    void expire(run, run.data.deadline);
  }
  return z.encode(definition.input, valid.data);
}

async function goForward<Input extends z.ZodType<unknown, AnyInput>, Result>(
  run: SagaRun,
  definition: SagaDefinition<Input, Result>,
  input: z.input<Input>,
): Promise<unknown> {
  const go = () =>
    run.forward.run(async () => {
      const ended = await startAhead(run, input);
      return ended ? ended.result : definition.run(new WorkflowSaga(run, input), input);
    });
  try {
    return await go();
  } catch (error) {
    const isStopped = isCancellation(error) || error instanceof CannotGoOn;
    if (!isStopped || !(await goesForwardUnrecorded(run))) throw error;
    return go();
  }
}

/** What runs before a reset have done is recalled with all that they knew, and not found out by what is unrecorded. */
async function goesForwardUnrecorded(run: SagaRun): Promise<boolean> {
  const isRecalled = run.data.unrecorded.length > 0 && recallsEarlierRuns(run);
  return !isRecalled && (await hasCommittedUnrecorded(run));
}

/** A reset may copy an unwinding that began before it: that one goes on as it began. */
const recallsEarlierRuns = (run: SagaRun) => run.data.reset && patched('recall-earlier-runs');

/** Unwinds and closes the workflow. An error that is no answer of a step is a defect: Temporal retries the task. */
async function goBack(run: SagaRun, error: unknown): Promise<null> {
  const stopped = isCancellation(error);
  if (run.data.committed || !(stopped || error instanceof CannotGoOn)) throw defect(error);
  // Of one whose input was refused: it goes forward with a worker that takes it, and until then its task is tried again.
  if (await goesForwardUnrecorded(run)) throw defect(error);
  if (stopped) run.record(run.stopped ?? { type: 'cancelled', message: 'cancelled on request' });
  run.endForwardWay();
  const hasCommitted =
    recallsEarlierRuns(run) && (await CancellationScope.nonCancellable(() => recallEarlierRuns(run)));
  if (hasCommitted && patched('completed-behind-its-pivot')) {
    await endForward(run);
    return null;
  }
  await unwind(run, { cancelled: stopped && !run.stopped });
  return endUnwound(run);
}

async function endForward(run: SagaRun) {
  run.show('completed');
  countEnded(run.plan.type, run.state);
  await run.alertsRaised();
}

/** Temporal's own failures would close the workflow, with all that it has done. */
const defect = (error: unknown): unknown =>
  error instanceof TemporalFailure ? new Error(error.message, { cause: error }) : error;

/** Past the pivot, or once it has stopped for another reason, the deadline is recorded and changes nothing. */
function expire(run: SagaRun, deadline: number): Promise<void> {
  return CancellationScope.nonCancellable(async () => {
    const left = deadline - Date.now();
    if (left > 0 || run.data.placement.length === 0)
      await sleep(Math.max(1, left), { summary: 'Until the deadline' });
    run.data.deadlinePassed = true;
    run.note({ event: 'deadline' });
    run.stop({ type: 'deadline', message: 'not done by its deadline' });
  });
}

function sagaIdOf(type: string): string {
  const { workflowId } = workflowInfo();
  const id = workflowId.startsWith(`${type}-`) ? workflowId.slice(type.length + 1) : '';
  if (z.guid().safeParse(id).success) return id;
  throw ApplicationFailure.nonRetryable(`the workflow id must be ${type}-<UUID>`);
}
