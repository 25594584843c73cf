import { setMaxListeners } from 'node:events';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { openDatabase } from '../guard/database.ts';
import type { Failpoints } from '../guard/failpoints.ts';
import type { StepReport } from '../guard/step-report.ts';
import { reportEvents } from '../metrics/events.ts';
import { ancillaryReactions } from '../reactions/reactions.ts';
import { forgetAgain } from '../retention/forget-again.ts';
import { defaultRetry } from '../saga/step.ts';
import { type DatabaseName, eachService, serviceNames } from '../service-names.ts';
import { pump } from './pump.ts';
import { type RelayContext, relayEvents } from './relay-events.ts';
import { relayReactions } from './relay-reactions.ts';
import type { RelayPolicy } from './retry.ts';
import { watchSlow } from './watch-slow.ts';

interface RelayEnvironment {
  temporal: Client;
  failpoints: Failpoints;
  report: StepReport;
  logger: Logger;
  policy?: RelayPolicy;
}

/** Delivers the events of all services to reacting services and the registry. Any number of relays may run at once. */
export function startRelay(config: Config, environment: RelayEnvironment) {
  const open = (name: DatabaseName) => openDatabase(config.databases[name], { name: `unwind-relay-${name}` });
  const services = eachService(open);
  const registry = open('unwind');
  const stopping = new AbortController();
  // Each pump adds listeners.
  setMaxListeners(0, stopping.signal);
  const { signal } = stopping;
  const relay: RelayContext = {
    policy: defaultRetry,
    ...environment,
    registry,
    databases: services,
    reactions: ancillaryReactions({
      databases: { ...services, unwind: registry },
      config,
      logger: environment.logger,
    }),
    now: () => new Date(),
    delivered: reportEvents(),
    sagaLink: (sagaId) => `${config.url}/sagas/${sagaId}`,
    cancelled: new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(new Error('the relay stops'))),
    ),
  };
  relay.cancelled.catch(() => {});

  const ended = Promise.all([
    ...serviceNames
      .flatMap((service) => relayEvents(relay, { service, database: services[service] }))
      .map((events) => pump(events, signal)),
    ...relayReactions(relay).map((reactions) => pump(reactions, signal)),
    watchSlow(relay, config.alerts.after, signal),
    config.keepSagasFor && forgetAgain({ ...relay, databases: services }, config.keepSagasFor, signal),
  ]).finally(async () => {
    await Promise.all([registry, ...Object.values(services)].map((each) => each.end()));
  });
  return { ended, shutdown: () => stopping.abort() };
}
