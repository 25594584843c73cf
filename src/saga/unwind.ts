import { CancellationScope, sleep, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { StackEntry } from './data.ts';
import { duration, milliseconds } from './duration.ts';
import type { SagaRun } from './run.ts';
import { undo } from './settle.ts';
import { undoOrder } from './stack.ts';
import { alertAfter, compensatingSince } from './state.ts';

const defaultAlertAfter = 'PT5M';

/** Undoes what is on the stack, last first, and returns when nothing is left of it. Cannot be cancelled. */
export function unwind(run: SagaRun, { cancelled }: { cancelled: boolean }): Promise<void> {
  const { data, plan } = run;
  data.unwinding ??= { since: Date.now(), cancelled };
  const since = new Date(data.unwinding.since).toISOString();
  upsertMemo({ [compensatingSince]: since });
  return CancellationScope.nonCancellable(async () => {
    void alertWhenLate(run, since);
    const waiting: Promise<void>[] = [];
    const undoOne = (entry: StackEntry) =>
      new Promise<void>((goOn, fail) => {
        run.show('compensating', entry.step);
        const settled = undo(run, entry, plan.onUndoFailure === 'stop' ? {} : { onParked: goOn });
        waiting.push(settled);
        settled.then(goOn, fail);
      });
    for (const chains of undoOrder(data.stack)) {
      const undoChain = async (chain: StackEntry[]) => {
        for (const entry of chain) await undoOne(entry);
      };
      await Promise.all(chains.map(undoChain));
      await run.continueIfDue();
    }
    await Promise.all(waiting);
  });
}

async function alertWhenLate(run: SagaRun, since: string) {
  const given = duration.safeParse(workflowInfo().memo?.[alertAfter]).data ?? defaultAlertAfter;
  const left = Date.parse(since) + milliseconds(given) - Date.now();
  await sleep(Math.max(1, left), { summary: 'Until an alert is due' });
  const message = `unwinding for longer than ${given}`;
  run.alert('unwinding', { step: run.data.base.step, op: 'undo', message, at: since });
}
