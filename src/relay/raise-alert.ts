import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Database } from '../guard/database.ts';
import { orAlreadyStarted } from '../history/grpc.ts';
import type { Alert } from '../saga/activities.ts';
import { findRegisteredSaga } from '../services/registry/find-saga.ts';
import { alertStart } from '../workflows/start-options.ts';
import type { AfterFailure } from './retry.ts';

interface AlertContext {
  temporal: Client;
  registry: Database;
  sagaLink(sagaId: string): string;
  logger: Logger;
}

/** Far below the lease of an event or reaction. */
const timeoutMs = 5_000;

type Content = Omit<Alert, 'type' | 'link'>;

/** Resolves when the alert is durable. `key` makes it idempotent. */
export async function raiseAlert(
  { temporal, registry, sagaLink }: AlertContext,
  key: string,
  content: Content,
): Promise<void> {
  const { saga_id } = content;
  const type = (await findRegisteredSaga(registry, saga_id))?.type ?? 'unknown';
  const alert: Alert = { ...content, type, link: sagaLink(saga_id) };
  await temporal.withDeadline(Date.now() + timeoutMs, () =>
    orAlreadyStarted(temporal.workflow.start('alert', alertStart(key, alert))),
  );
}

/** Alerts before parking. If the alert fails, retries instead; that attempt does not count. */
export async function alertIfParked(
  context: AlertContext,
  failure: AfterFailure,
  key: string,
  content: Content,
): Promise<AfterFailure> {
  if (!failure.park) return failure;
  try {
    await raiseAlert(context, key, content);
    return failure;
  } catch (err) {
    context.logger.warn(
      { err, saga: content.saga_id, error: content.error },
      'the alert cannot be raised now: not parked yet',
    );
    return { ...failure, park: false, counts: false };
  }
}
