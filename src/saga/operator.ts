import { z } from 'zod';
import { type Command, type OperatorAction, operatorActions, type Parked } from './data.ts';
import { plainText } from './text.ts';
import type { SagaRun } from './workflow/run.ts';

const anyCommand = {
  /** Makes a resent command count once. */
  id: plainText(255).optional(),
  /** An e-mail address fits. */
  by: plainText(254),
  reason: plainText(2_000),
};
const step = plainText(200);
const maxDepth = 20;
/** Those that a resend is known by. They are carried along when the workflow continues as new, in at most 2 MiB. */
const maxHandled = 100;

const isShallow = (value: unknown, left = maxDepth): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (left > 0 && Object.values(value).every((inner) => isShallow(inner, left - 1)));

/** The payloads of the signals and updates `retry`, `correct`, `resolve` and `compensate`. */
export const commandSchemas = {
  retry: z.object({ ...anyCommand, step: step.optional() }),
  correct: z.object({
    ...anyCommand,
    step: step.optional(),
    input: z.record(z.string(), z.unknown()).refine((input) => isShallow(input), 'is nested too deep'),
  }),
  resolve: z.object({ ...anyCommand, step: step.optional() }),
  compensate: z.object({ ...anyCommand, step: step.optional() }),
} satisfies Record<OperatorAction, z.ZodType>;

export const refusalSchema = z.object({
  why: z.enum(['malformed', 'not-possible', 'several-parked', 'id-used']),
  detail: z.string(),
  /** Possible commands. */
  possible: z.array(z.object({ action: z.enum(operatorActions), step: z.string().nullable() })),
  /** Errors of a correction, by field of its input. */
  fields: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
});
/** Why a command was refused. */
export type CommandRefusal = z.infer<typeof refusalSchema>;

/** As text: why, and which commands are possible. */
export function asText({ detail, possible }: CommandRefusal): string {
  const instead = possible.map(({ action, step }) => `${action} ${step ?? ''}`.trim()).join(', ');
  return `${detail}; possible: ${instead || 'nothing'}`;
}

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

/** A step's input after a correction. */
export const merged = (input: unknown, correction: Record<string, unknown> = {}) => ({
  ...(typeof input === 'object' ? input : {}),
  ...correction,
});

interface Sent extends Pick<Command, 'action' | 'by' | 'reason'> {
  step?: string | null | undefined;
  input?: unknown;
}

/** The same command, sent again. */
export const isSameCommand = (one: Sent, other: Sent) =>
  one.action === other.action &&
  one.by === other.by &&
  one.reason === other.reason &&
  one.step === other.step &&
  JSON.stringify(one.input) === JSON.stringify(other.input);
