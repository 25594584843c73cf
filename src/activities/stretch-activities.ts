import { ApplicationFailure } from '@temporalio/activity';
import { within } from '../guard/within.ts';
import { AheadSaga, type Here, type Perform, undoAhead } from '../saga/ahead-saga.ts';
import { type AnySagaDefinition, checkedInput } from '../saga/define-saga.ts';
import { isFinalError } from '../saga/errors.ts';
import { activityType, contractNamed } from '../saga/step.ts';
import { emptyStretch, type StretchActivities } from '../saga/stretch.ts';
import type { StepActivities } from './step-activities.ts';

type Service = Record<string, StepActivities>;

/** What runs stretches of these sagas in this process: the steps of `services`, by the services' names. */
export function stretchActivities(
  definitions: readonly AnySagaDefinition[],
  services: Service,
): StretchActivities {
  const here: Here = { services: new Set(Object.keys(services)), perform: performIn(services) };
  const definitionOf = (type: string) => {
    const definition = definitions.find((known) => known.type === type);
    if (!definition) throw new Error(`this worker knows no saga ${type}`);
    return definition;
  };
  return {
    async stretch(call) {
      const definition = definitionOf(call.type);
      if (call.again) return { ...emptyStretch(), put_off: true };
      const saga = new AheadSaga(call, here, definition.steps);
      // An error of the saga's code is met again, and told, by its workflow.
      const end = async () => saga.end(await definition.run(saga, checkedInput(definition, call.input)));
      await Promise.race([saga.stopped, end().catch(() => {})]);
      return saga.stretch;
    },
    undoStretch({ saga_id, type, entries }) {
      const { steps } = definitionOf(type);
      return undoAhead(saga_id, entries, (step) => contractNamed(steps, step), here);
    },
  };
}

/** A stretch is never tried again, and each of its steps ends by its time: nothing has to end them. */
const onlyAttempt = { attempt: 1, cancelled: new Promise<never>(() => {}) };

const performIn =
  (services: Service): Perform =>
  async (contract, op, call) => {
    const act = services[contract.service]?.[activityType(contract.name, op)];
    if (!act) throw new Error(`${contract.name} is no step of ${contract.service}`);
    const { timeout } = op === 'do' ? contract.retry : contract.undoRetry;
    return within(timeout, act(call, onlyAttempt)).then(
      (result) => ({ result }),
      (failure: unknown) => ({ error: errorOf(call.step, failure) }),
    );
  };

/** Null for what another try may mend, and for what did not answer in time. */
function errorOf(step: string, failure: unknown) {
  if (!(failure instanceof ApplicationFailure)) return null;
  const { type, nonRetryable, message } = failure;
  if (!nonRetryable || !isFinalError(type)) return null;
  const at = new Date().toISOString();
  return { step, op: 'do' as const, type, message: message || type, attempts: 1, at };
}
