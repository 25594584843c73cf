import type { Database } from '../guard/database.ts';
import type { OutboxEvent } from '../guard/deliveries.ts';
import type { Failpoints } from '../guard/failpoints.ts';
import { doStep, refuseStep, undoStep } from '../guard/guard.ts';
import type { Step } from '../guard/implement.ts';
import type { Cause } from '../guard/outbox.ts';
import { StepError } from '../saga/errors.ts';
import type { StepCall } from '../saga/step.ts';
import type { ShopService } from './databases.ts';
import { type PurchaseContext, positionOf, purchaseContext, reactionTo } from './purchase.ts';

export interface Reacting {
  databases: Record<ShopService, Database>;
  failpoints: Failpoints;
  now: () => Date;
}

/** Does what the event asks of the service that hears of it: once, however often it is delivered. */
export async function react(
  reacting: Reacting,
  event: OutboxEvent,
  cancelled: Promise<never>,
): Promise<void> {
  const reaction = reactionTo(event.eventType);
  if (!reaction || event.seq === null) return;
  const { step, op } = reaction;
  const { name } = step.contract;
  const context = purchaseContext.parse(event.context);
  const cause = { seq: event.seq, attempt: event.attempts, context: event.context };
  const place = { saga: event.sagaId, step: name, op, attempt: event.attempts };
  const input = reaction.input(event.sagaId, context);
  const call = { saga_id: event.sagaId, step: name, generation: 1, position: positionOf(step), input };

  await reacting.failpoints({ ...place, at: 'before' }, cancelled);
  if (op === 'undo') await reverse(reacting, step, call, cause);
  else await act(reacting, step, call, { cause, context });
  await reacting.failpoints({ ...place, at: 'after_commit' }, cancelled);
}

async function act(
  { databases, now }: Reacting,
  step: Step,
  call: StepCall,
  { cause, context }: { cause: Cause; context: PurchaseContext },
) {
  const database = databases[serviceOf(step)];
  const refuse = (payload: object) => refuseStep(database, step, call, { payload, cause });
  const late = context.deadline !== null && now().toISOString() > context.deadline;
  if (late && step.contract.events.refused !== undefined)
    return refuse({ reason: 'the deadline has passed', error: 'deadline' });
  try {
    await doStep(database, step, call, cause);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    // Refused before, and said so.
    if (error.type === 'fenced') return;
    if (error.type !== 'refused') throw error;
    await refuse({ reason: error.message, error: 'refused' });
  }
}

async function reverse({ databases }: Reacting, step: Step, call: StepCall, cause: Cause) {
  const { outcome } = await undoStep(databases[serviceOf(step)], step, call, cause);
  if (outcome !== 'undone') throw new Error(`${call.step} was to be undone, and was found ${outcome}`);
}

function serviceOf({ contract }: Step): ShopService {
  const { service } = contract;
  if (service === 'product' || service === 'order' || service === 'payment' || service === 'delivery')
    return service;
  throw new Error(`the ${service} service takes no part in a purchase`);
}
