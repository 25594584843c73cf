import { CancellationScope, sleep, upsertMemo } from '@temporalio/workflow';
import { alertAfterInMemo } from './alert.ts';
import type { StackEntry } from './data.ts';
import { milliseconds } from './duration.ts';
import { tellStretch, undoStretch } from './go-ahead.ts';
import type { SagaRun } from './run.ts';
import { undo } from './settle.ts';
import { undoOrder } from './stack.ts';
import { compensatingSince } from './state.ts';
import { isSameStep, undoOutcomeSchema } from './step.ts';

/** Undoes what is on the stack, last first, and returns when nothing is left of it. Cannot be cancelled. */
export function unwind(run: SagaRun, { cancelled }: { cancelled: boolean }): Promise<void> {
  const { data, plan } = run;
  data.unwinding ??= { since: Date.now(), cancelled };
  const since = new Date(data.unwinding.since).toISOString();
  upsertMemo({ [compensatingSince]: since });
  return CancellationScope.nonCancellable(async () => {
    // What is parked waits for its order, also in the run after this one.
    if (data.placement.length > 0 && data.parked.length === 0) {
      await undoPlaced(run);
      if (data.stack.length === 0) return;
    }
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

/** What lies on top of the stack and is placed with a worker is undone by it in one go, as far as it comes. */
async function undoPlaced(run: SagaRun) {
  const { data, plan, id } = run;
  const last = data.stack.toSorted((a, b) => b.position - a.position);
  const end = last.findIndex(({ service, branch }) => branch || !data.placement.includes(service));
  const entries = end === -1 ? last : last.slice(0, end);
  const [first] = entries;
  if (!first) return;
  run.show('compensating', first.step);
  const stretch = await tellStretch(run, () => undoStretch({ saga_id: id, type: plan.type, entries }));
  for (const undone of stretch?.told ?? []) {
    if (undoOutcomeSchema.parse(undone.result).outcome === 'resolved') data.resolved = true;
    data.stack = data.stack.filter((entry) => !isSameStep(entry, undone));
    data.base = { state: 'compensating', step: undone.step };
  }
}

async function alertWhenLate(run: SagaRun, since: string) {
  const given = alertAfterInMemo();
  const left = Date.parse(since) + milliseconds(given) - Date.now();
  await sleep(Math.max(1, left), { summary: 'Until an alert is due' });
  const message = `unwinding for longer than ${given}`;
  run.alert('unwinding', { step: run.data.base.step, op: 'undo', message, at: since });
}
