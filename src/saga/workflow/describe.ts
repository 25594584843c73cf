import type { Parked, SagaData } from '../data.ts';
import type { SagaState } from '../state.ts';

interface Described {
  state: SagaState;
  data: SagaData;
  waitingForOperator: readonly Parked[];
}

/** A saga in Markdown, for the Web UI. */
export function describe({ state, data, waitingForOperator }: Described): string {
  const { shown, stack, committed, errors } = data;
  const undo = stack.map((entry) => `\`${entry.step}\``).toReversed();
  return [
    `**${state}**${shown?.step ? ` at \`${shown.step}\`` : ''}`,
    ...(state === 'waiting' ? ['waits for the signal `decide`'] : []),
    ...waitingForOperator.map(
      ({ step, op, error, possible }) =>
        `parked: ${op === 'undo' ? 'the undo of ' : ''}${step === null ? 'the saga' : `\`${step}\``} ` +
        `(${error.message}); possible: ${possible.map((action) => `\`${action}\``).join(', ')}`,
    ),
    ...(committed ? ['past its pivot: it can only go forward'] : []),
    ...(undo.length > 0 ? [`to undo, in this order: ${undo.join(', ')}`] : []),
    ...errors.execution.map(({ message }) => `cannot go on: ${message}`),
  ].join('  \n');
}
