import {
  ApplicationFailure,
  CancellationScope,
  condition,
  setDefaultSignalHandler,
  setHandler,
} from '@temporalio/workflow';
import { asText, operatorActions } from '../command.ts';
import { commandSignal, commandUpdate, decide, decideUpdate, sagaQuery } from '../messages.ts';
import { CommandHandler } from './commands.ts';
import { type ReadDecision, readDecision } from './decisions.ts';
import type { SagaRun } from './run.ts';

/** Handlers never throw: an error would fail the workflow without unwinding, or block it. */
export function listen(run: SagaRun) {
  const ignore = (signal: string, why: string, detail: string) =>
    run.note({ event: 'ignored-signal', signal, why, detail: detail.slice(0, 500) });
  const refuse = (refusal: { why: string; detail: string }) =>
    ApplicationFailure.create({ type: refusal.why, message: refusal.detail, details: [refusal] });

  const take = ({ decision, isNew }: ReadDecision) => {
    run.measure();
    if (!isNew) return decision;
    run.data.decision = decision;
    run.note({ event: 'decision', ...decision });
    return decision;
  };
  /** Throws only in the validator: the handler follows directly, and sees the same state, also in a replay. */
  const readOrRefuse = (candidate: unknown) => {
    const read = readDecision(run.data, candidate);
    if ('refusal' in read) throw refuse(read.refusal);
    return read;
  };
  setHandler(decide, (candidate: unknown) => {
    const read = readDecision(run.data, candidate);
    if ('refusal' in read) ignore(decide.name, read.refusal.why, read.refusal.detail);
    else take(read);
  });
  setHandler(decideUpdate, (candidate: unknown) => take(readOrRefuse(candidate)), {
    validator(candidate: unknown) {
      readOrRefuse(candidate);
    },
  });

  /** The state that a command leads to. */
  const stateToCome = () => (run.phase === 'stopping' && !run.mayHaveCommitted ? 'compensating' : run.state);
  const operator = new CommandHandler(run);
  for (const action of operatorActions) {
    setHandler(commandSignal(action), async (candidate: unknown) => {
      await until(() => run.ready);
      const refusal = operator.refusal(action, candidate);
      if (refusal) ignore(action, refusal.why, asText(refusal));
      else operator.take(action, candidate);
    });
    setHandler(
      commandUpdate(action),
      async (candidate: unknown) => {
        await until(() => run.ready);
        const refusal = operator.refusal(action, candidate);
        if (refusal) return { state: run.state, refusal };
        const item = operator.take(action, candidate);
        if (item?.step !== null) return { state: stateToCome() };
        // Carrying it out may itself need an operator.
        await until(() => item.refusal !== undefined || run.waitingForOperator.length > 0);
        if (!item.refusal) return { state: stateToCome() };
        return { state: run.state, refusal: operator.refuse('not-possible', item.refusal) };
      },
      {
        validator(candidate: unknown) {
          const refusal = run.ready ? operator.refusal(action, candidate) : undefined;
          if (refusal) throw refuse(refusal);
        },
      },
    );
  }

  setDefaultSignalHandler((name) => ignore(name, 'unknown', 'no such signal'));
  setHandler(sagaQuery, () => ({
    state: run.state,
    stack: run.data.stack.map(({ service, step, generation }) => ({ service, step, generation })),
    parked: run.waitingForOperator.map(({ step, op, generation, error, possible }) => ({
      step,
      op,
      generation,
      error,
      possible,
    })),
    errors: run.data.errors,
  }));
}

/** Non-cancellable: in a cancelled workflow a handler could not wait. */
const until = (holds: () => boolean) => CancellationScope.nonCancellable(() => condition(holds));
