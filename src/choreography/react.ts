import type { Database } from '../guard/database.ts';
import type { OutboxEvent } from '../guard/outbox-take.ts';
import type { Failpoints } from '../guard/failpoints.ts';
import { doStep, refuseStep, undoStep } from '../guard/guard.ts';
import type { Step } from '../guard/implement.ts';
import type { Cause } from '../guard/outbox.ts';
import type { StepReport } from '../guard/step-report.ts';
import { StepError } from '../saga/errors.ts';
import type { StepCall } from '../saga/step.ts';
import { type PurchaseContext, positionOf, purchaseContext, reactionTo } from './purchase.ts';

/** The services that take part in a choreographed purchase. */
type ShopService = 'product' | 'order' | 'payment' | 'delivery';

export interface Reacting {
  databases: Record<ShopService, Database>;
  failpoints: Failpoints;
  report: StepReport;
  now: () => Date;
}

/** Does what the event asks of the service that hears of it: once, however often it is delivered. */
export async function react(
  reacting: Reacting,
  event: OutboxEvent,
  cancelled: Promise<never>,
): Promise<void> {
  if (event.seq === null) return;
  const reaction = reactionTo(event.eventType);
  if (!reaction) return;
  const { step, op } = reaction;
  const { name } = step.contract;
  const context = purchaseContext.parse(event.context);
  const cause = { seq: event.seq, attempt: event.attempts, context: event.context };
  const place = { saga: event.sagaId, step: name, op, attempt: event.attempts };
  const input = reaction.input(event.sagaId, context);
  const call = { saga_id: event.sagaId, step: name, generation: 1, position: positionOf(step), input };

  const since = performance.now();
  const ended = (outcome: string, error?: unknown) => {
    const seconds = (performance.now() - since) / 1_000;
    const final = error === undefined;
    reacting.report({ ...place, contract: step.contract, outcome, final, seconds, error });
  };
  const begin = () => reacting.failpoints({ ...place, at: 'before' }, cancelled);
  try {
    const outcome =
      op === 'undo'
        ? await reverse(reacting, step, call, { cause, begin })
        : await act(reacting, step, call, { cause, begin, context });
    await reacting.failpoints({ ...place, at: 'after_commit' }, cancelled);
    ended(outcome);
  } catch (error) {
    ended('failed', error);
    throw error;
  }
}

interface Begun {
  cause: Cause;
  /** May refuse: a failpoint. */
  begin(): Promise<void>;
}

/** Answers `done` or `refused`. */
async function act(
  { databases, now }: Reacting,
  step: Step,
  call: StepCall,
  { cause, begin, context }: Begun & { context: PurchaseContext },
): Promise<string> {
  const database = databases[serviceOf(step)];
  const refuse = async (payload: object) => {
    await refuseStep(database, step, call, { payload, cause });
    return 'refused';
  };
  const late = context.deadline !== null && now().toISOString() > context.deadline;
  if (late && step.contract.events.refused !== undefined)
    return refuse({ reason: 'the deadline has passed', error: 'deadline' });
  try {
    await begin();
    await doStep(database, step, call, cause);
    return 'done';
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    // Refused before, and said so.
    if (error.type === 'fenced') return 'refused';
    if (error.type !== 'refused') throw error;
    return refuse({ reason: error.message, error: 'refused' });
  }
}

async function reverse(
  { databases }: Reacting,
  step: Step,
  call: StepCall,
  { cause, begin }: Begun,
): Promise<string> {
  await begin();
  const { outcome } = await undoStep(databases[serviceOf(step)], step, call, cause);
  if (outcome !== 'undone') throw new Error(`${call.step} was to be undone, and was found ${outcome}`);
  return outcome;
}

function serviceOf({ contract }: Step): ShopService {
  const { service } = contract;
  if (service === 'product' || service === 'order' || service === 'payment' || service === 'delivery')
    return service;
  throw new Error(`the ${service} service takes no part in a purchase`);
}
