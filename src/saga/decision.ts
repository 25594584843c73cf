import { z } from 'zod';
import { plainText } from './text.ts';

/** What the signal `decide` carries. */
export const decisionSchema = z.object({
  /** Makes a resent decision count once. */
  id: plainText(200).optional(),
  approved: z.boolean(),
  /** An e-mail address fits. */
  by: plainText(254),
  reason: plainText(2_000),
});
export type Decision = z.infer<typeof decisionSchema>;

/** The same decision, sent again: only its id tells that from another one which says the same. */
export const isSame = (one: Decision, other: Decision | undefined) =>
  one.id !== undefined &&
  one.id === other?.id &&
  one.approved === other.approved &&
  one.by === other.by &&
  one.reason === other.reason;

/** Why a decision was not taken. `standing` is the one that was, if any. */
export type DecisionRefusal = {
  why: 'malformed' | 'not-waiting' | 'already-decided';
  detail: string;
  standing?: Decision;
};

interface Decided {
  /** The one that stands. */
  decision: Decision | null;
  /** Until when one is awaited, in milliseconds since 1970; null when none is. */
  decideBy: number | null;
}

/** Holds a saga's one decision: the first valid one that comes while it is awaited. */
export class DecisionHandler {
  readonly #data: Decided;

  constructor(data: Decided) {
    this.#data = data;
  }

  get standing(): Decision | undefined {
    return this.#data.decision ?? undefined;
  }

  /** The standing decision, when `candidate` is the same one sent again. */
  repeated(candidate: unknown): Decision | undefined {
    const { data } = decisionSchema.safeParse(candidate);
    return data && isSame(data, this.standing) ? this.standing : undefined;
  }

  /** What speaks against taking `candidate`; undefined if nothing does. */
  refusal(candidate: unknown): DecisionRefusal | undefined {
    const parsed = decisionSchema.safeParse(candidate);
    if (!parsed.success) return { why: 'malformed', detail: z.prettifyError(parsed.error) };
    const { standing } = this;
    if (standing) return { why: 'already-decided', detail: 'the decision stands', standing };
    if (this.#data.decideBy === null) return { why: 'not-waiting', detail: 'no decision is awaited now' };
    return undefined;
  }

  /** Only after `refusal` had nothing to say. */
  take(candidate: unknown): Decision {
    const decision = decisionSchema.parse(candidate);
    this.#data.decision = decision;
    return decision;
  }
}
