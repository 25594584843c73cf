import querystring from 'node:querystring';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { webUiLink } from '../history/web-ui.ts';
import type { Alert } from '../saga/activities.ts';
import { failureWithoutStack } from '../saga/failure.ts';

export interface AlertEnvironment {
  temporal: Client;
  temporalUiUrl: string;
  /** Undefined: alerts are only logged. */
  alertWebhookUrl: string | undefined;
  logger: Logger;
}

const timeoutMs = 5_000;

/** Throws unless the webhook accepts it: Temporal retries. Its URL and response are kept out of errors. */
export async function pushAlert(
  { temporal, temporalUiUrl, alertWebhookUrl, logger }: AlertEnvironment,
  alert: Alert,
  id: string,
): Promise<void> {
  const { saga_id, type, step, op, error, since } = alert;
  if (alertWebhookUrl === undefined) return logger.warn({ saga: saga_id, type, step, op, since }, 'alert');
  const link = alert.link ?? webUiLink(temporalUiUrl, temporal, { type, sagaId: saga_id });
  const status = await post(alertWebhookUrl, id, { saga_id, type, step, op, error, since, link });
  if (status === undefined) throw failure('the alert webhook did not respond');
  if (status < 200 || status > 299) throw failure(`the alert webhook responded with ${status}`);
}

/** Returns the status; undefined without a response in time. */
async function post(webhookUrl: string, id: string, body: object): Promise<number | undefined> {
  const { url, headers } = withoutCredentials(webhookUrl);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}

/** `fetch` refuses a URL with user and password: they go into a header. */
function withoutCredentials(text: string) {
  const url = new URL(text);
  const { username, password } = url;
  if (username === '' && password === '') return { url, headers: {} };
  url.username = '';
  url.password = '';
  const credentials = `${querystring.unescape(username)}:${querystring.unescape(password)}`;
  return { url, headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } };
}

const failure = (message: string) => failureWithoutStack({ type: 'alert-not-taken', message });
