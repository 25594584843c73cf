import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { webUiLink } from '../history/web-ui.ts';
import type { Alert } from '../saga/alert.ts';
import { failureWithoutStack } from '../saga/failure.ts';

export interface AlertEnvironment {
  temporal: Client;
  temporalUiUrl: string;
  /** Undefined: alerts are only logged. */
  alertWebhookUrl: string | undefined;
  logger: Logger;
}

const answersWithinMs = 5_000;

/** Throws unless the webhook has accepted it: Temporal retries. Its URL and response are kept out of errors. */
export async function pushAlert(
  { temporal, temporalUiUrl, alertWebhookUrl, logger }: AlertEnvironment,
  alert: Alert,
  id: string,
): Promise<void> {
  const { saga_id, type, step, op, error, since } = alert;
  if (alertWebhookUrl === undefined) return logger.warn({ saga: saga_id, type, step, op, since }, 'alert');
  const link = alert.link ?? webUiLink(temporalUiUrl, temporal, { type, sagaId: saga_id });
  const status = await post(alertWebhookUrl, id, { saga_id, type, step, op, error, since, link });
  if (status === undefined) throw failure('the alert webhook did not answer');
  if (status < 200 || status > 299) throw failure(`the alert webhook answered ${status}`);
}

/** Returns the status, if there was a response in time. */
async function post(url: string, id: string, body: object): Promise<number | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(answersWithinMs),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}

const failure = (message: string) => failureWithoutStack({ type: 'alert-not-taken', message });
