import {
  choreographiesById,
  type searchChoreographies,
} from '../../services/registry/find-choreographies.ts';
import type { SagaRow } from '../../services/registry/list-sagas.ts';
import type { SagaMode } from '../../services/registry/schema.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import type { ListedSaga } from '../sagas/schemas.ts';
import { orchestratedById } from './visibility.ts';

type Registered = Pick<SagaRow, 'id' | 'type' | 'mode' | 'createdAt'>;

/** A page of a list searches Temporal's index so many times at most. */
export const maxRounds = 10;

/** Sagas by their ids; unknown ones are left out. */
export async function sagasByIds(
  { registry, temporal }: ApiContext,
  sagas: readonly Registered[],
): Promise<Map<string, ListedSaga>> {
  const of = (wanted: SagaMode) => sagas.filter(({ mode }) => mode === wanted);
  const choreographed = of('choreographed').map(({ id }) => id);
  const orchestrated = of('orchestrated').map(({ id, type }) => ({ sagaId: id, type }));
  const [rows, found] = await Promise.all([
    choreographed.length === 0 ? [] : askDatabase(async () => choreographiesById(registry, choreographed)),
    orchestratedById(temporal, orchestrated),
  ]);
  const known = new Map(found);
  for (const row of rows) known.set(row.id, listedChoreography(row));
  // Temporal knows only when the newest run began.
  for (const { id, createdAt } of sagas) {
    const saga = known.get(id);
    if (saga) known.set(id, { ...saga, started_at: createdAt.toISOString() });
  }
  return known;
}

type Row = Awaited<ReturnType<typeof searchChoreographies>>[number];

export const listedChoreography = ({ id, type, state, step, createdAt, endedAt }: Row): ListedSaga => ({
  saga_id: id,
  type,
  state,
  step,
  started_at: createdAt.toISOString(),
  ended_at: endedAt?.toISOString() ?? null,
});
