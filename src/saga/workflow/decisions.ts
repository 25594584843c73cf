import { z } from 'zod';
import { type Decision, decisionSchema, isSameDecision } from '../decision.ts';

/** Why a decision was refused. `standing`: the accepted one, if any. */
export type DecisionRefusal = {
  why: 'malformed' | 'not-waiting' | 'already-decided';
  detail: string;
  standing?: Decision;
};

interface Decided {
  /** The accepted one. */
  decision: Decision | null;
  /** When the wait ends, in milliseconds since 1970; null if none is awaited. */
  decideBy: number | null;
}

/** Holds a saga's one decision: the first valid one while it is awaited. */
export class DecisionHandler {
  readonly #data: Decided;

  constructor(data: Decided) {
    this.#data = data;
  }

  get standing(): Decision | undefined {
    return this.#data.decision ?? undefined;
  }

  /** The standing decision, if `candidate` is a resend of it. */
  repeated(candidate: unknown): Decision | undefined {
    const { data } = decisionSchema.safeParse(candidate);
    return data && isSameDecision(data, this.standing) ? this.standing : undefined;
  }

  /** Why `candidate` must be refused; undefined if it may be taken. */
  refusal(candidate: unknown): DecisionRefusal | undefined {
    const parsed = decisionSchema.safeParse(candidate);
    if (!parsed.success) return { why: 'malformed', detail: z.prettifyError(parsed.error) };
    const { standing } = this;
    if (standing) return { why: 'already-decided', detail: 'the decision stands', standing };
    if (this.#data.decideBy === null) return { why: 'not-waiting', detail: 'no decision is awaited now' };
    return undefined;
  }

  /** Call only when `refusal` returned undefined. */
  take(candidate: unknown): Decision {
    const decision = decisionSchema.parse(candidate);
    this.#data.decision = decision;
    return decision;
  }
}
