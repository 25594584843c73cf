import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { stateAfter, stepAfter } from '../choreography/fold.ts';
import { knownNextStep, nextStepAfter, typesByReactingService } from '../choreography/purchase.ts';
import { type ChoreographyEnvironment, runNextStep } from '../choreography/run-next-step.ts';
import { isOutage } from '../guard/connection-error.ts';
import type { Database } from '../guard/database.ts';
import { outboxChannel } from '../guard/outbox.ts';
import {
  markSent,
  type OutboxEvent,
  postponeEvent,
  takeEvents,
  type WhichEvents,
} from '../guard/outbox-take.ts';
import { publicMessage } from '../guard/public-message.ts';
import type { AncillaryReaction } from '../reactions/reaction.ts';
import { isEnded } from '../saga/state.ts';
import { appendEvent, keptEvent, type SagaEvent, type Standing } from '../services/registry/append-event.ts';
import { markFailing } from '../services/registry/mark-failing.ts';
import type { Pump } from './pump.ts';
import { alertIfParked } from './raise-alert.ts';
import { afterFailure, type RelayPolicy, requireLeft } from './retry.ts';

export interface RelayContext extends ChoreographyEnvironment {
  registry: Database;
  temporal: Client;
  policy: RelayPolicy;
  reactions: AncillaryReaction[];
  /** Called for each event that all subscribers have. */
  delivered(service: string, event: string, seconds: number): void;
  sagaLink(sagaId: string): string;
  logger: Logger;
  /** Rejects when the process stops. */
  cancelled: Promise<never>;
}

interface Outbox {
  service: string;
  database: Database;
}

/**
 * Delivers the events of one service: at least once, each saga's events in order. One pump per reacting service, so
 * that a database that is down or slow delays no other.
 */
export function relayEvents(relay: RelayContext, outbox: Outbox): Pump<OutboxEvent>[] {
  const groups = [...typesByReactingService(outbox.service).values()];
  const which: WhichEvents[] = [...groups.map((of) => ({ of })), { notOf: groups.flat() }];
  return which.map((some) => pumpOf(relay, outbox, some));
}

function pumpOf(relay: RelayContext, outbox: Outbox, which: WhichEvents): Pump<OutboxEvent> {
  const { delivered, logger } = relay;
  const { service, database } = outbox;
  return {
    listener: database.listen(outboxChannel),
    logger,
    take: (limit) => takeEvents(database, which, limit),
    async work(event) {
      let isKept = false;
      try {
        requireLeft(relay.policy, event.attempts);
        await keep(relay, service, event);
        isKept = true;
        await runNextStep(relay, event, relay.cancelled);
      } catch (error) {
        return fail(relay, outbox, event, { error, isKept });
      }
      await markSent(database, event);
      // The database's clock may be ahead.
      delivered(service, event.eventType, Math.max(0, Date.now() - event.createdAt.getTime()) / 1_000);
    },
  };
}

/** Stores the event in the registry. */
async function keep(
  { registry, reactions: known }: RelayContext,
  service: string,
  event: OutboxEvent,
): Promise<void> {
  const kept = keptEvent(service, event);
  const { type, seq } = kept;
  const reactions = known.filter(({ on }) => on.includes(type)).map(({ name }) => name);
  if (seq === null && reactions.length === 0) return;
  // Throws if this version does not know the event.
  if (seq !== null) knownNextStep(type);
  const standing = seq === null ? undefined : standingAfter(kept, seq);
  await appendEvent(registry, kept, { standing, reactions });
}

function standingAfter(event: SagaEvent, seq: number): Standing {
  const state = stateAfter(event);
  return { seq, state, step: stepAfter(event), endedAt: isEnded(state) ? event.at : null };
}

async function fail(
  relay: RelayContext,
  { service, database }: Outbox,
  event: OutboxEvent,
  { error, isKept }: { error: unknown; isKept: boolean },
): Promise<void> {
  const { registry, policy, logger } = relay;
  const { id, sagaId, seq, eventType, attempts: attempt, createdAt } = event;
  const next = seq === null ? undefined : nextStepAfter(eventType);
  const reason = publicMessage(error, isKept ? (next?.step.contract.service ?? service) : 'registry');
  logger.warn({ err: error, saga: sagaId, event: eventType, service, id, attempt }, 'event not taken');
  const about = {
    saga_id: sagaId,
    step: next?.step.contract.name ?? null,
    op: next?.op ?? null,
    error: `${eventType}: ${reason}`,
    since: createdAt.toISOString(),
  };
  const failure = await alertIfParked(
    relay,
    afterFailure(policy, attempt, isOutage(error)),
    `${service}-${id}-${attempt}`,
    about,
  );
  if (!(await postponeEvent(database, event, { ...failure, error: reason })) || seq === null) return;
  await markFailing(registry, { sagaId, seq, attempt, error: reason, parked: failure.park });
}
