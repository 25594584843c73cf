import { z } from 'zod';
import { type Decision, decisionSchema, isSameDecision } from '../decision.ts';

/** Why a decision was refused. `standing`: the accepted one, if any. */
type DecisionRefusal = {
  why: 'malformed' | 'not-waiting' | 'already-decided';
  detail: string;
  standing?: Decision;
};

/** A decision that counts. Unless it is new, it is the standing one, sent again. */
export interface ReadDecision {
  decision: Decision;
  isNew: boolean;
}

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

  read(candidate: unknown): ReadDecision | { refusal: DecisionRefusal } {
    const { data: decision, error } = decisionSchema.safeParse(candidate);
    if (error) return { refusal: { why: 'malformed', detail: z.prettifyError(error) } };
    const { standing } = this;
    if (standing && isSameDecision(decision, standing)) return { decision: standing, isNew: false };
    if (standing) return { refusal: { why: 'already-decided', detail: 'the decision stands', standing } };
    if (this.#data.decideBy === null)
      return { refusal: { why: 'not-waiting', detail: 'no decision is awaited now' } };
    return { decision, isNew: true };
  }

  take(decision: Decision) {
    this.#data.decision = decision;
  }
}
