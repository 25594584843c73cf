import { choreographiesById, type searchChoreographies } from '../services/registry/find-choreographies.ts';
import type { SagaMode } from '../services/registry/schema.ts';
import { askDatabase, type Services } from './services.ts';
import { type ListedSaga, sagasById } from './visibility.ts';

interface Named {
  id: string;
  type: string;
  mode: SagaMode;
}

/** How sagas stand, by their ids; those apart of which nothing is known. */
export async function listedSagas(
  { registry, temporal }: Services,
  sagas: readonly Named[],
): Promise<Map<string, ListedSaga>> {
  const of = (wanted: SagaMode) => sagas.filter(({ mode }) => mode === wanted);
  const choreographed = of('choreographed').map(({ id }) => id);
  const orchestrated = of('orchestrated').map(({ id, type }) => ({ sagaId: id, type }));
  const found = choreographed.length === 0 ? [] : choreographiesById(registry, choreographed);
  const [rows, known] = await Promise.all([
    askDatabase(async () => found),
    sagasById(temporal, orchestrated),
  ]);
  for (const row of rows) known.set(row.id, listedChoreography(row));
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
