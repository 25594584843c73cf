import {
  AsyncLocalStorage,
  CancellationScope,
  condition,
  isCancellation,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import type { z } from 'zod';
import type { JournalLine, OpenStep, StackEntry } from '../data.ts';
import { type Decision, decisionSchema } from '../decision.ts';
import { milliseconds } from '../duration.ts';
import type { SagaError } from '../errors.ts';
import { mayRunInline, runInline } from '../inline/in-workflow.ts';
import type { Branches, Saga } from '../saga.ts';
import { encodedResult, type StepContract } from '../step.ts';
import { fail } from './cannot-go-on.ts';
import { runForward, stopIfCancelled } from './forward.ts';
import { mayBeUndone, stopIfBeingUndone, stopIfUndone } from './recall.ts';
import type { SagaRun } from './run.ts';
import { register } from './stack.ts';

/** A sequential part of the saga's code: its main line, or a branch of a parallel block. */
interface Lane {
  journal: JournalLine[];
  next: number;
  busy: boolean;
  /** Of a block that was done when the workflow continued as new. */
  past?: boolean;
  branch?: StackEntry['branch'];
}

const lanes = new AsyncLocalStorage<Lane>();

/** The saga's interface inside its workflow. Where placement allows, steps run inline first. */
export class WorkflowSaga implements Saga {
  readonly id: string;
  readonly #run: SagaRun;
  /** Encoded, as steps receive it. */
  readonly #input: unknown;
  readonly #main: Lane;

  constructor(run: SagaRun, input: unknown) {
    this.id = run.id;
    this.#run = run;
    this.#input = input;
    this.#main = { journal: run.data.journal, next: 0, busy: false };
  }

  async step<I extends z.ZodType, R extends z.ZodType>(
    contract: StepContract<I, R>,
    input: z.input<I>,
  ): Promise<z.input<R>> {
    if (this.#run.contractOf(contract.name) !== contract)
      throw new Error(`${contract.name} is not the one in the saga's list of steps`);
    const perform = async (line: JournalLine, lane: Lane) => {
      const open = this.#open(contract, input, lane);
      line.value = await runForward(this.#run, open);
      if (lane === this.#main) this.#run.data.open = null;
    };
    const { value } = await this.#line(contract.name, perform, { step: contract });
    return encodedResult(contract, value);
  }

  parallel<T extends readonly unknown[] | []>(
    branches: Branches<T>,
    options?: { independent?: boolean },
  ): Promise<T>;
  async parallel(branches: Branches<unknown[]>, { independent = false } = {}): Promise<unknown[]> {
    const { data } = this.#run;
    let results: unknown[] = [];
    await this.#line('parallel', async (line, { branch }) => {
      const past = line.branches !== undefined;
      const journals = line.branches ?? branches.map(() => []);
      line.branches = journals;
      const block = data.position;
      const scope = new CancellationScope();
      const start = (work: () => Promise<unknown>, index: number): Promise<unknown> => {
        const own = branch ?? (independent ? { block, index } : undefined);
        const lane: Lane = {
          journal: journals[index] ?? [],
          next: 0,
          busy: false,
          past,
          ...(own && { branch: own }),
        };
        const running = lanes.run(lane, async () => work());
        running.catch(() => scope.cancel());
        return running;
      };
      const ends = await scope.run(() => Promise.allSettled(branches.map(start)));
      const failures: unknown[] = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
      if (failures.length > 0) throw failures.find((failure) => !isCancellation(failure)) ?? failures[0];
      results = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    });
    return results;
  }

  async decision(timeout: string): Promise<Decision> {
    const run = this.#run;
    const { data } = run;
    const { value } = await this.#line('decision', async (line, lane) => {
      if (data.committed || lane !== this.#main || (data.decideBy === null && data.decision))
        throw new Error('a saga has one decision, before its pivot and in no branch');
      const until = data.decideBy ?? Date.now() + milliseconds(timeout);
      data.decideBy = until;
      run.show('waiting');
      try {
        while (!data.decision && Date.now() < until) {
          const isOver = () => data.decision !== null || run.shouldContinueAsNew();
          await condition(isOver, until - Date.now(), { summary: 'Wait for the decision' });
          if (!data.decision) await run.continueIfDue();
        }
      } catch (failure) {
        if (isCancellation(failure)) data.decideBy = null;
        throw failure;
      }
      data.decideBy = null;
      if (!data.decision) return this.fail({ type: 'timed-out', message: `no decision within ${timeout}` });
      line.value = data.decision;
    });
    return decisionSchema.parse(value);
  }

  changed(change: string): boolean {
    const lane = lanes.getStore() ?? this.#main;
    const name = `changed ${change}`;
    const known = lane.journal[lane.next];
    const { open, decideBy, reset, unrecorded } = this.#run.data;
    // The saga was past this place when the workflow continued as new.
    const wasPast = lane.past || (lane === this.#main && (open !== null || decideBy !== null));
    // An earlier run or an unrecorded inline run may have taken the old path here.
    const maybePast = (reset || unrecorded.length > 0) && !workflowInfo().unsafe.isReplaying;
    if (known && known.name !== name) return false;
    if (!known) {
      if (wasPast || maybePast || !patched(change)) return false;
      lane.journal.push({ name });
    }
    lane.next += 1;
    return true;
  }

  fail(reason: Pick<SagaError, 'type' | 'message'>): never {
    return fail(this.#run, reason);
  }

  /** At the end of the journal, outside of any branch. */
  #mayRunInline(contract: StepContract, lane: Lane): boolean {
    return lane === this.#main && lane.next === lane.journal.length && mayRunInline(this.#run, contract);
  }

  /** The journal's line for the current call, if there is one. */
  #known({ journal, next }: Lane, name: string): JournalLine | undefined {
    const line = journal[next];
    if (line && line.name !== name) throw changedCode(`${line.name} was done`, name);
    return line;
  }

  /**
   * Returns a call's line from the journal, or performs and records the call. Parallel blocks are always re-entered.
   * `step`: it may run inline first, and a cancel is checked after it is recorded.
   */
  async #line(
    name: string,
    work: (line: JournalLine, lane: Lane) => Promise<void>,
    { step }: { step?: StepContract } = {},
  ): Promise<JournalLine> {
    const lane = lanes.getStore() ?? this.#main;
    if (lane.busy) throw new Error('parallel calls belong in saga.parallel');
    lane.busy = true;
    try {
      if (step && this.#mayRunInline(step, lane)) await runInline(this.#run, this.#input);
      const known = this.#known(lane, name);
      const line = known ?? { name };
      if (!known) {
        stopIfCancelled(this.#run);
        if (mayBeUndone(this.#run)) await stopIfUndone(this.#run);
        if (lane === this.#main) await this.#run.continueIfDue();
      }
      if (!known || line.branches) await work(line, lane);
      if (!known) lane.journal.push(line);
      lane.next += 1;
      if (step && !known) stopIfCancelled(this.#run);
      return line;
    } finally {
      lane.busy = false;
    }
  }

  /** Registers the step, unless it was in progress when the workflow continued as new. */
  #open(contract: StepContract, input: unknown, lane: Lane): OpenStep {
    const { data } = this.#run;
    const carried = lane === this.#main ? data.open : null;
    if (carried) {
      if (this.#run.contractOf(carried.entry.step) !== contract)
        throw changedCode(`${carried.entry.step} was under way`, contract.name);
      // The carried entry is a copy of the one on the stack.
      const entry = data.stack.find(({ position }) => position === carried.entry.position) ?? carried.entry;
      return Object.assign(carried, { entry });
    }
    if (contract.pivot && lane !== this.#main) throw new Error('a pivot belongs in no branch');
    const entry = register(this.#run, contract, lane.branch);
    stopIfBeingUndone(this.#run, entry);
    const open = { entry, input };
    if (lane === this.#main) data.open = open;
    return open;
  }
}

const changedCode = (what: string, name: string) =>
  new Error(`the saga's code has changed: ${what} where it now calls ${name}`);
