import { z } from 'zod';
import type { SagaData } from '../data.ts';
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

/** What a candidate counts as. The first valid one while a decision is awaited is accepted. */
export function readDecision(
  { decision: standing, decideBy }: Pick<SagaData, 'decision' | 'decideBy'>,
  candidate: unknown,
): ReadDecision | { refusal: DecisionRefusal } {
  const { data: decision, error } = decisionSchema.safeParse(candidate);
  if (error) return { refusal: { why: 'malformed', detail: z.prettifyError(error) } };
  if (standing && isSameDecision(decision, standing)) return { decision: standing, isNew: false };
  if (standing) return { refusal: { why: 'already-decided', detail: 'the decision stands', standing } };
  if (decideBy === null) return { refusal: { why: 'not-waiting', detail: 'no decision is awaited now' } };
  return { decision, isNew: true };
}
