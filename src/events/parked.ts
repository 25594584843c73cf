import { type DatabaseName, type ServiceName, serviceNames } from '../config.ts';
import type { Database } from '../guard/database.ts';
import { listParkedEvents, releaseEvent } from '../relay/parked-events.ts';
import { listParkedReactions, releaseReaction } from '../services/registry/parked-reactions.ts';

export type Databases = Record<DatabaseName, Database>;

export interface Parked {
  /** By which it is released: `order/42`, `reaction/7`. */
  key: string;
  what: string;
  sagaId: string;
  attempts: number;
  error: string | null;
  parkedAt: Date | null;
}

/** So many of each are enough to see what is wrong. */
export const listedAtOnce = 1_000;

/** The first of each service, and of what was to follow from their events. */
export async function listParked(databases: Databases): Promise<Parked[]> {
  const lists = [...serviceNames.map((service) => eventsOf(databases, service)), reactionsIn(databases)];
  return (await Promise.all(lists)).flat();
}

const eventsOf = async (databases: Databases, service: ServiceName): Promise<Parked[]> =>
  (await listParkedEvents(databases[service], listedAtOnce)).map(({ id, type, ...event }) => ({
    key: `${service}/${id}`,
    what: type,
    ...event,
  }));

const reactionsIn = async ({ unwind }: Databases): Promise<Parked[]> =>
  (await listParkedReactions(unwind, listedAtOnce)).map(({ id, name, type, ...reaction }) => ({
    key: `reaction/${id}`,
    what: `${name} of ${type}`,
    ...reaction,
  }));

/** Answers false where nothing that is parked has that key. */
export async function release(databases: Databases, key: string): Promise<boolean> {
  const [of = '', id] = key.split('/');
  if (of === 'reaction') return releaseReaction(databases.unwind, Number(id));
  const service = serviceNames.find((name) => name === of);
  if (!service) throw new Error(`there is no service ${of}`);
  return releaseEvent(databases[service], databases.unwind, Number(id));
}
