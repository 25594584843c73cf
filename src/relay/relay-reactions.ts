import { isOutage } from '../guard/connection-error.ts';
import { type AncillaryReaction, Outage } from '../reactions/reaction.ts';
import { reactionChannel } from '../services/registry/channels.ts';
import {
  type DueReaction,
  markDone,
  postponeReaction,
  takeReactions,
  type Which,
} from '../services/registry/reactions.ts';
import type { Pump } from './pump.ts';
import { alertIfParked } from './raise-alert.ts';
import type { RelayContext } from './relay-events.ts';
import { afterFailure, requireLeft } from './retry.ts';

/** Runs reactions. One pump each, so that one that is slow or fails delays no other. */
export function relayReactions(relay: RelayContext): Pump<DueReaction>[] {
  const names = relay.reactions.map(({ name }) => name);
  const each: Which[] = [...names.map((named) => ({ named })), { notNamed: names }];
  return each.map((which) => pumpOf(relay, which));
}

function pumpOf(relay: RelayContext, which: Which): Pump<DueReaction> {
  const { registry, reactions, policy, logger } = relay;
  return {
    listener: registry.listen(reactionChannel),
    logger,
    take: (limit) => takeReactions(registry, which, limit),
    async work(due) {
      try {
        requireLeft(policy, due.attempts);
        const reaction = reactions.find(({ name }) => name === due.name);
        if (!reaction) throw new Error(`this version knows no reaction ${due.name}`);
        await run(relay, reaction, due);
      } catch (error) {
        await fail(relay, due, error);
      }
    },
  };
}

async function run({ registry }: RelayContext, reaction: AncillaryReaction, { id, event }: DueReaction) {
  if ('apply' in reaction)
    return registry.transaction(async (tx) => {
      if (await markDone(tx, id)) await reaction.apply(tx, event);
    });
  await reaction.perform(event);
  await markDone(registry.query, id);
}

async function fail(relay: RelayContext, due: DueReaction, error: unknown) {
  const { id, name, event, attempts } = due;
  const { registry, policy, logger } = relay;
  const { sagaId } = event;
  const outage = isOutage(error) || error instanceof Outage;
  const reason = `${name} of ${event.type} failed; the log of the relay says more`;
  logger.warn({ err: error, saga: sagaId, reaction: name, event: event.type, attempts }, 'reaction failed');
  const about = { saga_id: sagaId, step: null, op: null, error: reason, since: event.at.toISOString() };
  const failure = await alertIfParked(
    relay,
    afterFailure(policy, attempts, outage),
    `reaction-${id}-${attempts}`,
    about,
  );
  await postponeReaction(registry, due, { ...failure, error: reason });
}
