import { patched } from '@temporalio/workflow';
import { z } from 'zod';
import { type OperatorAction, type Order, operatorActions, type Parked } from './data.ts';
import type { SagaRun } from './run.ts';
import { plainText } from './text.ts';

const anyOrder = {
  /** Makes a resent order count once. */
  id: plainText(200).optional(),
  /** An e-mail address fits. */
  by: plainText(254),
  reason: plainText(2_000),
};
const step = plainText(200);
const mostDepth = 20;

const isShallow = (value: unknown, left = mostDepth): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (left > 0 && Object.values(value).every((inner) => isShallow(inner, left - 1)));

/** What the signals and updates `retry`, `correct`, `resolve` and `compensate` carry. */
export const orderSchemas = {
  retry: z.object({ ...anyOrder, step: step.optional() }),
  correct: z.object({
    ...anyOrder,
    step: step.optional(),
    input: z.record(z.string(), z.unknown()).refine((input) => isShallow(input), 'is nested too deep'),
  }),
  resolve: z.object({ ...anyOrder, step: step.optional() }),
  compensate: z.object({ ...anyOrder, step: step.optional() }),
} satisfies Record<OperatorAction, z.ZodType>;

export const refusalSchema = z.object({
  why: z.enum(['malformed', 'not-possible', 'several-parked', 'id-used']),
  detail: z.string(),
  /** What is possible instead. */
  possible: z.array(z.object({ action: z.enum(operatorActions), step: z.string().nullable() })),
  /** What is wrong with a correction, by the field of its input. */
  fields: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
});
/** Why an order was not taken. */
export type OrderRefusal = z.infer<typeof refusalSchema>;

/** For people: why, and what is possible instead. */
export function inWords({ detail, possible }: OrderRefusal): string {
  const instead = possible.map(({ action, step }) => `${action} ${step ?? ''}`.trim()).join(', ');
  return `${detail}; possible: ${instead || 'nothing'}`;
}

/** Takes orders for a saga: those that are possible now, each id once. */
export class OperatorDesk {
  readonly #run: SagaRun;
  readonly #itemOf = new Map<Order, Parked>();

  constructor(run: SagaRun) {
    this.#run = run;
  }

  /** What speaks against taking `candidate`; undefined if nothing does, or if it was taken before. */
  refusal(action: OperatorAction, candidate: unknown): OrderRefusal | undefined {
    const parsed = orderSchemas[action].safeParse(candidate);
    if (!parsed.success) return this.refuse('malformed', z.prettifyError(parsed.error));
    const order: Order = { action, ...parsed.data };
    const handled = this.#handled(order);
    if (handled)
      return isSameOrder(handled, order)
        ? undefined
        : this.refuse('id-used', 'this id was used for another order');
    const aims = this.#aims(order);
    const [aim, ...more] = aims;
    if (more.length > 0) return this.refuse('several-parked', 'several things are parked: name the step');
    if (aim === undefined) return this.refuse('not-possible', `${action} is not possible now`);
    return action === 'correct' && aim !== 'saga' ? this.#wrongCorrection(aim, order) : undefined;
  }

  /** Only after `refusal` had nothing to say. Answers what was ordered with, also to one that is sent again. */
  take(action: OperatorAction, candidate: unknown): Parked | undefined {
    const order: Order = { action, ...orderSchemas[action].parse(candidate) };
    const handled = this.#handled(order);
    if (handled) return patched('resent-orders-wait') ? this.#itemOf.get(handled) : undefined;
    if (order.id !== undefined) this.#run.data.handled.push(order);
    const [aim] = this.#aims(order);
    const item = aim === 'saga' ? undefined : aim;
    if (item) this.#itemOf.set(order, item);
    const { id, by, reason, input } = order;
    const detail = { ...(id !== undefined && { id }), by, reason, ...(input && { input }) };
    this.#run.note({ event: 'operator', action, step: item?.step ?? order.step ?? null, ...detail });
    if (item) item.order = order;
    if (action === 'compensate' && item?.step !== null)
      this.#run.stop({ type: 'given-up', message: `${by}: ${reason}` });
    this.#run.refresh();
    return item;
  }

  /** What the order can mean: things that are parked, or the saga, which can be given up while it goes forward. */
  #aims({ action, step }: Order): (Parked | 'saga')[] {
    const parked = this.#run.waitingForOperator.filter(
      (item) => item.possible.includes(action) && (step === undefined || step === item.step),
    );
    return parked.length === 0 && action === 'compensate' && this.#canGiveUp(step) ? ['saga'] : parked;
  }

  #canGiveUp(step: string | undefined): boolean {
    const { data, forward } = this.#run;
    const ended = data.committed || data.unwinding !== null || forward.consideredCancelled;
    return this.#run.goesForward && !ended && step === undefined;
  }

  #handled = ({ id }: Order) =>
    id === undefined ? undefined : this.#run.data.handled.find((known) => known.id === id);

  #wrongCorrection({ step, input: before }: Parked, { input = {} }: Order): OrderRefusal | undefined {
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

  refuse(why: OrderRefusal['why'], detail: string): OrderRefusal {
    const possible = this.#run.waitingForOperator.flatMap((item) =>
      item.possible.map((action) => ({ action, step: item.step })),
    );
    const giveUp = this.#canGiveUp(undefined) && !possible.some(({ action }) => action === 'compensate');
    return { why, detail, possible: giveUp ? [...possible, { action: 'compensate', step: null }] : possible };
  }
}

/** What a step is given once it is corrected. */
export const merged = (input: unknown, correction: Record<string, unknown> = {}) => ({
  ...(typeof input === 'object' ? input : {}),
  ...correction,
});

/** The same order, sent again. */
const isSameOrder = (one: Order, other: Order) =>
  one.action === other.action &&
  one.by === other.by &&
  one.reason === other.reason &&
  one.step === other.step &&
  JSON.stringify(one.input) === JSON.stringify(other.input);
