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
import type { SagaRun } from './run.ts';

/** Handlers never throw: an error would fail the workflow without unwinding, or block it. */
export function listen(run: SagaRun) {
  const { decisions } = run;
  const ignore = (signal: string, why: string, detail: string) =>
    run.note({ event: 'ignored-signal', signal, why, detail: detail.slice(0, 500) });
  const refuse = (refusal: { why: string; detail: string }) =>
    ApplicationFailure.create({ type: refusal.why, message: refusal.detail, details: [refusal] });

  setHandler(decide, (candidate: unknown) => {
    if (decisions.repeated(candidate)) return;
    const refusal = decisions.refusal(candidate);
    if (refusal) ignore(decide.name, refusal.why, refusal.detail);
    else run.note({ event: 'decision', ...decisions.take(candidate) });
  });
  setHandler(
    decideUpdate,
    (candidate: unknown) => {
      const repeated = decisions.repeated(candidate);
      if (repeated) return repeated;
      const decision = decisions.take(candidate);
      run.note({ event: 'decision', ...decision });
      return decision;
    },
    {
      validator(candidate: unknown) {
        const refusal = decisions.repeated(candidate) ? undefined : decisions.refusal(candidate);
        if (refusal) throw refuse(refusal);
      },
    },
  );

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
