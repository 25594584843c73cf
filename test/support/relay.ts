import { createFailpoints } from '../../src/guard/failpoints.ts';
import { createLogger } from '../../src/logger.ts';
import type { RelayPolicy } from '../../src/relay/retry.ts';
import { startRelay } from '../../src/relay/start-relay.ts';
import type { System } from './system.ts';

const impatient: RelayPolicy = { attempts: 3, backoff: 10, backoffCap: 20 };

/** A relay of the test's own, which soon gives up. */
export function relayOf(
  { config, temporal }: Pick<System, 'config'> & { temporal: Pick<System['temporal'], 'client'> },
  policy = impatient,
) {
  const relay = startRelay(config, {
    temporal: temporal.client,
    failpoints: createFailpoints(config.failpoints, () => {}),
    report: () => {},
    logger: createLogger('relay', 'silent'),
    policy,
  });
  return {
    async stop() {
      relay.shutdown();
      await relay.ended;
    },
  };
}
