import type { Context } from 'hono';
import { z } from 'zod';
import type { SagaSnapshot } from '../saga/timeline.ts';
import { findSagaType } from '../services/registry/find-saga.ts';
import { Problem } from './problem.ts';
import { linksOf } from './saga-links.ts';
import { askRegistry, type Services } from './services.ts';
import { readSaga } from './temporal.ts';

/** `GET /sagas/:id`, from Temporal's history: also with no worker running. */
export const getSaga = (services: Services) =>
  async function getSaga(c: Context) {
    const { sagaId, type, snapshot } = await findSaga(services, c);
    return c.json({ saga_id: sagaId, type, ...snapshot, links: linksOf(services, type, sagaId) });
  };

interface FoundSaga {
  sagaId: string;
  type: string;
  snapshot: SagaSnapshot;
}

/** The saga that the path names. Throws the 400 or 404. */
export async function findSaga({ registry, temporal }: Services, c: Context): Promise<FoundSaga> {
  const sagaId = c.req.param('id') ?? '';
  if (!z.uuid().safeParse(sagaId).success) throw new Problem(400, 'the saga id in the path must be a UUID');
  const type = await askRegistry(() => findSagaType(registry, sagaId.toLowerCase()));
  if (!type) throw new Problem(404, `there is no saga ${sagaId}`);
  const snapshot = await readSaga(temporal, type, sagaId.toLowerCase());
  if (!snapshot)
    throw new Problem(
      404,
      `saga ${sagaId} was never started: send its POST again, with the same Idempotency-Key`,
    );
  return { sagaId: sagaId.toLowerCase(), type, snapshot };
}
