import { z } from 'zod';
import {
  type Command,
  type CommandRefusal,
  commandSchemas,
  isSameCommand,
  merged,
  type OperatorAction,
} from '../command.ts';
import type { Parked } from '../data.ts';
import type { SagaRun } from './run.ts';

/** Those that a resend is known by. They are carried along when the workflow continues as new, in at most 2 MiB. */
const maxHandled = 100;

/** Accepts the commands that are possible now, each id once. */
export class CommandHandler {
  readonly #run: SagaRun;
  readonly #itemOf = new Map<Command, Parked>();

  constructor(run: SagaRun) {
    this.#run = run;
  }

  /** Why `candidate` must be refused; undefined if it may be taken, or was taken before. */
  refusal(action: OperatorAction, candidate: unknown): CommandRefusal | undefined {
    const parsed = commandSchemas[action].safeParse(candidate);
    if (!parsed.success) return this.refuse('malformed', z.prettifyError(parsed.error));
    const command: Command = { action, ...parsed.data };
    const handled = this.#handled(command);
    if (handled)
      return isSameCommand(handled, command)
        ? undefined
        : this.refuse('id-used', 'this id was used for another command');
    const [target, ...more] = this.#targets(command);
    if (more.length > 0) return this.refuse('several-parked', 'several things are parked: name the step');
    if (target === undefined) return this.refuse('not-possible', `${action} is not possible now`);
    return action === 'correct' && target !== 'saga' ? this.#wrongCorrection(target, command) : undefined;
  }

  /** Call only when `refusal` returned undefined. Returns the parked item the command applies to, also for a resend. */
  take(action: OperatorAction, candidate: unknown): Parked | undefined {
    this.#run.measure();
    const command: Command = { action, ...commandSchemas[action].parse(candidate) };
    const handled = this.#handled(command);
    if (handled) return this.#itemOf.get(handled);
    const { data } = this.#run;
    if (command.id !== undefined) data.handled = [...data.handled, command].slice(-maxHandled);
    const [target] = this.#targets(command);
    const item = target === 'saga' ? undefined : target;
    if (item) this.#itemOf.set(command, item);
    const { id, by, reason, input } = command;
    const detail = { ...(id !== undefined && { id }), by, reason, ...(input && { input }) };
    this.#run.note({ event: 'operator', action, step: item?.step ?? command.step ?? null, ...detail });
    if (item) item.command = command;
    if (action === 'compensate' && item?.step !== null)
      this.#run.stop({ type: 'given-up', message: `${by}: ${reason}` });
    this.#run.refresh();
    return item;
  }

  /** What the command can apply to: parked items, or the whole saga while it can be given up. */
  #targets({ action, step }: Command): (Parked | 'saga')[] {
    const parked = this.#run.waitingForOperator.filter(
      (item) => item.possible.includes(action) && (step === undefined || step === item.step),
    );
    if (parked.length === 0 && action === 'compensate' && this.#canGiveUp(step)) return ['saga'];
    // Two generations of one step: the next command reaches the other.
    return step === undefined ? parked : parked.slice(0, 1);
  }

  #canGiveUp(step: string | undefined): boolean {
    return this.#run.phase === 'forward' && step === undefined;
  }

  #handled = ({ id }: Command) =>
    id === undefined ? undefined : this.#run.data.handled.find((known) => known.id === id);

  #wrongCorrection({ step, input: before }: Parked, { input = {} }: Command): CommandRefusal | undefined {
    if (step === null) return undefined;
    const { correctable, input: schema } = this.#run.contractOf(step);
    const detail = `can be corrected: ${correctable.join(', ')}`;
    const given = Object.keys(input);
    const foreign = given.filter((field) => !correctable.includes(field));
    const wrong = schema.safeParse(merged(before, input)).error?.issues ?? [];
    const fields = [
      ...(given.length === 0 ? [{ field: '', detail: `must name a field that ${detail}` }] : []),
      ...foreign.map((field) => ({ field, detail: `is none of the fields that ${detail}` })),
      ...wrong.map(({ path, message }) => ({ field: path.join('/'), detail: message })),
    ];
    if (fields.length === 0) return undefined;
    const named = fields.map((each) => `input/${each.field} ${each.detail}`).join('; ');
    return { ...this.refuse('malformed', named), fields };
  }

  refuse(why: CommandRefusal['why'], detail: string): CommandRefusal {
    const possible = this.#run.waitingForOperator.flatMap((item) =>
      item.possible.map((action) => ({ action, step: item.step })),
    );
    const giveUp = this.#canGiveUp(undefined) && !possible.some(({ action }) => action === 'compensate');
    return { why, detail, possible: giveUp ? [...possible, { action: 'compensate', step: null }] : possible };
  }
}
