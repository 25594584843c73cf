import { CancellationScope, sleep, upsertMemo } from '@temporalio/workflow';
import type { StackEntry } from '../data.ts';
import { milliseconds } from '../duration.ts';
import { callInline, scheduleInlineUndo } from '../inline/in-workflow.ts';
import { compensatingSinceKey } from '../state.ts';
import { isSameStep, undoOutcomeSchema } from '../step.ts';
import { alertAfterInMemo } from './alerts.ts';
import type { SagaRun } from './run.ts';
import { undoOrder } from './stack.ts';
import { undo } from './undo.ts';

/** Undoes the stack, last entry first. Returns when it is empty. Cannot be cancelled. */
export function unwind(run: SagaRun, { cancelled }: { cancelled: boolean }): Promise<void> {
  const { data, plan } = run;
  data.unwinding ??= { since: Date.now(), cancelled };
  const since = new Date(data.unwinding.since).toISOString();
  upsertMemo({ [compensatingSinceKey]: since });
  return CancellationScope.nonCancellable(async () => {
    // What is parked still waits for its command after continue-as-new.
    if (data.placement.length > 0 && data.parked.length === 0) {
      await undoTopInline(run);
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

/** Undoes the top of the stack in one inline activity, as far as placement allows. */
async function undoTopInline(run: SagaRun) {
  const { data, plan, id } = run;
  const last = data.stack.toSorted((a, b) => b.position - a.position);
  const end = last.findIndex(({ service, branch }) => branch || !data.placement.includes(service));
  const entries = end === -1 ? last : last.slice(0, end);
  const [first] = entries;
  if (!first) return;
  run.show('compensating', first.step);
  const done = await callInline(run, () => scheduleInlineUndo({ saga_id: id, type: plan.type, entries }));
  for (const undone of done?.told ?? []) {
    if (undoOutcomeSchema.parse(undone.result).outcome === 'resolved') data.resolved = true;
    data.stack = data.stack.filter((entry) => !isSameStep(entry, undone));
    data.base = { state: 'compensating', step: undone.step };
  }
}

async function alertWhenLate(run: SagaRun, since: string) {
  const given = alertAfterInMemo();
  const left = Date.parse(since) + milliseconds(given) - Date.now();
  if (left > 0) await sleep(left, { summary: 'Until an alert is due' });
  const message = `unwinding for longer than ${given}`;
  run.alerts.raise('unwinding', { step: run.data.base.step, op: 'undo', message, at: since });
}
