import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { stateAfter, stepAfter } from '../choreography/fold.ts';
import { reactionTo } from '../choreography/purchase.ts';
import { type Reacting, react } from '../choreography/react.ts';
import { isUnavailable } from '../guard/connection-error.ts';
import type { Database } from '../guard/database.ts';
import { markSent, type OutboxEvent, park, postpone, takeEvents } from '../guard/deliveries.ts';
import { outboxChannel } from '../guard/outbox.ts';
import { publicMessage } from '../guard/public-message.ts';
import type { AncillaryReaction } from '../reactions/reaction.ts';
import { isEnded } from '../saga/state.ts';
import { appendEvent, type SagaEvent, type Standing } from '../services/registry/append-event.ts';
import { markFailing } from '../services/registry/mark-failing.ts';
import type { Pump } from './pump.ts';
import { raiseAlert } from './raise-alert.ts';
import { afterFailure, type RelayPolicy } from './retry.ts';

export interface Relaying extends Reacting {
  registry: Database;
  temporal: Client;
  policy: RelayPolicy;
  /** What else follows from events. */
  reactions: AncillaryReaction[];
  /** Is told of each event that all who subscribe have taken. */
  delivered(service: string, event: string, seconds: number): void;
  /** Where the API answers for a saga. */
  sagaLink(sagaId: string): string;
  logger: Logger;
  /** Rejects when the process is to end. */
  cancelled: Promise<never>;
}

interface Outbox {
  service: string;
  database: Database;
}

/** Passes on what one service says: at least once, each saga's events in their order. */
export function relayEvents(relaying: Relaying, { service, database }: Outbox): Pump<OutboxEvent> {
  const { delivered } = relaying;
  return {
    bell: database.listen(outboxChannel),
    logger: relaying.logger,
    take: (limit) => takeEvents(database, limit),
    async work(event) {
      try {
        await keep(relaying, service, event);
        await react(relaying, event, relaying.cancelled);
      } catch (error) {
        return fail(relaying, { service, database }, event, error);
      }
      await markSent(database, event.id);
      delivered(service, event.eventType, (Date.now() - event.createdAt.getTime()) / 1_000);
    },
  };
}

/** In the registry, where sagas are looked up. */
async function keep(
  { registry, reactions: known }: Relaying,
  service: string,
  event: OutboxEvent,
): Promise<void> {
  const { id, sagaId, eventType: type, payload, step, op, seq, context, attempt, createdAt: at } = event;
  const reactions = known.filter(({ on }) => on.includes(type)).map(({ name }) => name);
  if (seq === null && reactions.length === 0) return;
  const kept: SagaEvent = { service, id, sagaId, type, payload, step, op, seq, context, attempt, at };
  const standing = seq === null ? undefined : standingAfter(kept, seq);
  await appendEvent(registry, kept, { standing, reactions });
}

function standingAfter(event: SagaEvent, seq: number): Standing {
  const state = stateAfter(event);
  return { seq, state, step: stepAfter(event), endedAt: isEnded(state) ? event.at : null };
}

async function fail(
  { registry, temporal, policy, sagaLink, logger }: Relaying,
  { service, database }: Outbox,
  event: OutboxEvent,
  error: unknown,
): Promise<void> {
  const { id, sagaId, seq, eventType, attempts: attempt, createdAt } = event;
  const next = reactionTo(eventType);
  const reason = publicMessage(error, next?.step.contract.service ?? service);
  const { park: parked, againInMs, counts } = afterFailure(policy, attempt, isUnavailable(error));
  logger.warn(
    { err: error, saga: sagaId, event: eventType, service, id, attempt, parked },
    'event not taken',
  );
  if (parked)
    await raiseAlert(temporal, `${service}-${id}-${attempt}`, {
      saga_id: sagaId,
      type: 'purchase',
      step: next?.step.contract.name ?? null,
      op: next?.op ?? null,
      error: `${eventType}: ${reason}`,
      since: createdAt.toISOString(),
      link: sagaLink(sagaId),
    });
  if (seq !== null && counts) await markFailing(registry, { sagaId, seq, attempt, error: reason, parked });
  if (parked) await park(database, id, reason);
  else await postpone(database, id, { error: reason, againInMs, counts });
}
