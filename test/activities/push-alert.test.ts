import { once } from 'node:events';
import { createServer } from 'node:net';
import { Client } from '@temporalio/client';
import { expect, onTestFinished, test } from 'vitest';
import { pushAlert } from '../../src/activities/push-alert.ts';
import { logLines } from '../metrics/log-lines.ts';
import { portOf } from '../support/port-of.ts';
import { startWebhook } from '../support/webhook.ts';

const alert = {
  saga_id: '72639776-a13f-4c1b-b0c3-5feb2d525e4e',
  type: 'rehearsal',
  step: 'visit-loan',
  op: 'undo',
  error: 'failpoint before',
  since: '2026-01-01T00:00:00.000Z',
} as const;

const push = (alertWebhookUrl: string | undefined, { logger, lines } = logLines()) => {
  const environment = { temporal: new Client(), temporalUiUrl: 'http://ui', alertAfter: 'PT5M' };
  return { lines, pushed: pushAlert({ ...environment, alertWebhookUrl, logger }, alert, 'alert-1') };
};

test('without a webhook an alert is one line in the log, without the error, which may quote somebody', async () => {
  const { lines, pushed } = push(undefined);
  await pushed;
  const { saga_id: saga, error, ...rest } = alert;
  expect(lines).toMatchObject([{ level: 40, msg: 'alert', saga, ...rest }]);
  expect(JSON.stringify(lines)).not.toContain(error);
});

test('a webhook that cannot be reached, or never answers, is a failure that does not name it', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void silent.close());
  await once(silent, 'listening');
  const port = portOf(silent);
  for (const url of ['http://127.0.0.1:1/secret', `http://127.0.0.1:${port}/secret`]) {
    const since = performance.now();
    const failure = await push(url).pushed.catch((error: unknown) => error);
    expect(performance.now() - since).toBeLessThan(8_000);
    expect(failure).toMatchObject({ message: 'the alert webhook did not respond', cause: undefined });
    expect(failure).not.toHaveProperty('stack', expect.stringContaining('.ts'));
  }
});

test('user and password of the URL are sent as Basic authentication', async () => {
  const webhook = await startWebhook();
  onTestFinished(() => void webhook.close());
  const url = new URL(webhook.url);
  url.username = 'ops@example.com';
  url.password = 'a:%/é';
  await push(url.href).pushed;
  const authorization = `Basic ${Buffer.from('ops@example.com:a:%/é').toString('base64')}`;
  expect(webhook.taken).toMatchObject([{ authorization, key: 'alert-1', body: { saga_id: alert.saga_id } }]);
});
