import type { Databases } from '../cli/with-databases.ts';
import { type ServiceName, serviceNames } from '../service-names.ts';
import { listParkedReactions, releaseReaction } from '../services/registry/parked-reactions.ts';
import { listParkedEvents, releaseEvent } from './parked-events.ts';

export interface ParkedItem {
  /** What `--release` takes: `order/42`, `reaction/7`. */
  key: string;
  what: string;
  sagaId: string;
  attempts: number;
  error: string | null;
  parkedAt: Date | null;
}

/** Of each service; enough to see what is wrong. */
export const listedAtOnce = 1_000;

/** The first parked events of each service, and the first parked reactions. */
export async function listParked(databases: Databases): Promise<ParkedItem[]> {
  const lists = [...serviceNames.map((service) => eventsOf(databases, service)), reactionsIn(databases)];
  return (await Promise.all(lists)).flat();
}

const eventsOf = async (databases: Databases, service: ServiceName): Promise<ParkedItem[]> =>
  (await listParkedEvents(databases[service], listedAtOnce)).map(({ id, type, ...event }) => ({
    key: `${service}/${id}`,
    what: type,
    ...event,
  }));

const reactionsIn = async ({ unwind }: Databases): Promise<ParkedItem[]> =>
  (await listParkedReactions(unwind, listedAtOnce)).map(({ id, name, type, ...reaction }) => ({
    key: `reaction/${id}`,
    what: `${name} of ${type}`,
    ...reaction,
  }));

/** Returns false when nothing with that key is parked. */
export async function release(databases: Databases, key: string): Promise<boolean> {
  const [of = '', id] = key.split('/');
  if (of === 'reaction') return releaseReaction(databases.unwind, Number(id));
  const service = serviceNames.find((name) => name === of);
  if (!service) throw new Error(`there is no service ${of}`);
  return releaseEvent(databases[service], databases.unwind, Number(id));
}
