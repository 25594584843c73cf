import { ApplicationFailure } from '@temporalio/activity';
import { within } from '../guard/within.ts';
import { type AnySagaDefinition, checkedInput } from '../saga/define-saga.ts';
import { isFinalError, type SagaError } from '../saga/errors.ts';
import { InlineSaga, type InlineWorker, type Perform, undoInline } from '../saga/inline/in-worker.ts';
import { emptyInlineRun, type InlineActivities } from '../saga/inline/inline-run.ts';
import { activityType, contractNamed } from '../saga/step.ts';
import type { StepActivities } from './step-activities.ts';

type Service = Record<string, StepActivities>;

/** Runs steps of these sagas in this process. `services`: their steps, by the service's name. */
export function inlineActivities(
  definitions: readonly AnySagaDefinition[],
  services: Service,
): InlineActivities {
  const worker: InlineWorker = { services: new Set(Object.keys(services)), perform: performIn(services) };
  const definitionOf = (type: string) => {
    const definition = definitions.find((known) => known.type === type);
    if (!definition) throw new Error(`this worker knows no saga ${type}`);
    return definition;
  };
  return {
    async stretch(call) {
      const definition = definitionOf(call.type);
      if (call.again) return { ...emptyInlineRun(), put_off: true };
      const saga = new InlineSaga(call, worker, definition.steps);
      // Its workflow meets an error of the saga's code again, and reports it.
      const end = async () => saga.end(await definition.run(saga, checkedInput(definition, call.input)));
      await Promise.race([saga.stopped, end().catch(() => {})]);
      return saga.outcome;
    },
    undoStretch({ saga_id, type, entries }) {
      const { steps } = definitionOf(type);
      return undoInline(saga_id, entries, (step) => contractNamed(steps, step), worker);
    },
  };
}

/** An inline run is never retried, and each of its steps has a timeout: nothing has to cancel them. */
const onlyAttempt = { attempt: 1, cancelled: new Promise<never>(() => {}) };

const performIn =
  (services: Service): Perform =>
  async (contract, op, call) => {
    const act = services[contract.service]?.[activityType(contract.name, op)];
    if (!act) throw new Error(`${contract.name} is no step of ${contract.service}`);
    const { timeout } = op === 'do' ? contract.retry : contract.undoRetry;
    return within(timeout, act(call, onlyAttempt)).then(
      (result) => ({ result }),
      (failure: unknown) => finalError(call.step, failure),
    );
  };

/** Undefined for an error that a retry may fix, and for a timeout. */
function finalError(step: string, failure: unknown): { error: SagaError } | undefined {
  if (!(failure instanceof ApplicationFailure)) return undefined;
  const { type, nonRetryable, message } = failure;
  if (!nonRetryable || !isFinalError(type)) return undefined;
  const at = new Date().toISOString();
  return { error: { step, op: 'do', type, message: message || type, attempts: 1, at } };
}
