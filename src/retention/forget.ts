import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { type ServiceName, serviceNames } from '../config.ts';
import type { Database } from '../guard/database.ts';
import { forgetSent, unsentEvents, unsentSagas } from '../guard/forget-sent.ts';
import { orGone } from '../history/grpc.ts';
import { milliseconds } from '../saga/duration.ts';
import { unwinderId, workflowId } from '../saga/state.ts';
import { forgetEvents, forgetSagas, type OldSaga, oldEvents, oldSagas } from '../services/registry/forget.ts';

export interface Forgetting {
  registry: Database;
  databases: Record<ServiceName, Database>;
  temporal: Client;
  now(): Date;
}

/** How many of each were deleted. */
export interface Forgotten {
  sagas: number;
  /** In the services' outboxes. */
  sent: number;
  /** In the registry, beside those of the sagas. */
  events: number;
}

const everyMs = 600_000;
const atOnce = 500;

/** Forgets, again and again, what is older than `keepFor` (ISO 8601). Outlives outages. */
export async function forgetAgain(
  forgetting: Forgetting & { logger: Logger },
  keepFor: string,
  signal: AbortSignal,
): Promise<void> {
  const { logger } = forgetting;
  while (!signal.aborted) {
    try {
      const forgotten = await forget(forgetting, keepFor, signal);
      if (Object.values(forgotten).some((count) => count > 0)) logger.info(forgotten, 'forgotten');
    } catch (err) {
      logger.warn({ err }, 'what is old cannot be forgotten now');
    }
    await pause(everyMs, undefined, { signal }).catch(() => {});
  }
}

/**
 * Deletes what nobody needs any more, if it is older than `keepFor`: events that have been sent, what followed from
 * them, and the sagas with their keys, once Temporal has forgotten them too. Guard rows live as long as their effects.
 */
export async function forget(
  forgetting: Forgetting,
  keepFor: string,
  signal: AbortSignal,
): Promise<Forgotten> {
  const before = new Date(forgetting.now().getTime() - milliseconds(keepFor));
  const forgotten = { sagas: 0, sent: 0, events: 0 };
  for (const service of serviceNames) {
    forgotten.events += await eventsOf(service, forgetting, before, signal);
    forgotten.sent += await sentBy(forgetting.databases[service], before, signal);
  }
  for (let after: OldSaga | undefined; !signal.aborted; ) {
    const old: OldSaga[] = await oldSagas(forgetting.registry, before, { after, limit: atOnce });
    const gone = await endedLongAgo(forgetting, old);
    if (gone.length > 0) await forgetSagas(forgetting.registry, gone);
    forgotten.sagas += gone.length;
    after = old.at(-1);
    if (old.length < atOnce) break;
  }
  return forgotten;
}

async function sentBy(database: Database, before: Date, signal: AbortSignal): Promise<number> {
  let sent = 0;
  for (let found = atOnce; found === atOnce && !signal.aborted; sent += found)
    found = await forgetSent(database, before, atOnce);
  return sent;
}

/** Of those that wait to be sent the registry must remember that it has them. */
async function eventsOf(
  service: ServiceName,
  { registry, databases }: Forgetting,
  before: Date,
  signal: AbortSignal,
): Promise<number> {
  let events = 0;
  for (let after = 0; !signal.aborted; ) {
    const old = await oldEvents(registry, service, before, { after, limit: atOnce });
    const unsent = old.length > 0 ? await unsentEvents(databases[service], old) : new Set();
    const gone = old.filter((id) => !unsent.has(id));
    if (gone.length > 0) await forgetEvents(registry, service, gone);
    events += gone.length;
    after = old.at(-1) ?? after;
    if (old.length < atOnce) break;
  }
  return events;
}

/** Those of which no service has anything to say, and Temporal knows neither their workflow nor their unwinder. */
async function endedLongAgo({ databases, temporal }: Forgetting, old: OldSaga[]): Promise<string[]> {
  if (old.length === 0) return [];
  const ids = old.map(({ id }) => id);
  const unsent = await Promise.all(serviceNames.map((service) => unsentSagas(databases[service], ids)));
  const gone: string[] = [];
  for (const { id, type, mode } of old) {
    if (unsent.some((sagas) => sagas.has(id))) continue;
    const ofTemporal = mode === 'orchestrated' ? [workflowId(type, id), unwinderId(id)] : [];
    const known = ofTemporal.map((name) => orGone(temporal.workflow.getHandle(name).describe()));
    if ((await Promise.all(known)).every((found) => found === undefined)) gone.push(id);
  }
  return gone;
}
