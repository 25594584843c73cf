import { describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config.ts';

describe('the configuration', () => {
  test('has a default for everything', () => {
    expect(loadConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      metricsPorts: { api: 9464, worker: 9465 },
      lendingLimit: 200_000_000n,
      alerts: { after: 'PT5M', webhookUrl: undefined },
      mail: { smtpUrl: undefined, from: { name: 'Unwind', address: 'unwind@localhost' }, outbox: undefined },
      failpoints: [],
      databases: { customer: 'postgres://unwind:unwind@127.0.0.1:54329/customer' },
      temporal: { namespace: 'default', connection: { address: '127.0.0.1:7233' } },
    });
  });

  test('takes a server for all databases, and another one for some', () => {
    const { databases } = loadConfig({
      DATABASE_URL: 'postgres://u:p@db:5432',
      LOAN_DATABASE_URL: 'postgres://u:p@loans:5432/ledger?sslmode=require',
    });
    expect(databases.customer).toBe('postgres://u:p@db:5432/customer');
    expect(databases.loan).toBe('postgres://u:p@loans:5432/ledger?sslmode=require');
  });

  test('says when alerts are due and where they go', () => {
    const { alerts } = loadConfig({ ALERT_AFTER: 'PT30S', ALERT_WEBHOOK_URL: 'https://hooks.example/x?y' });
    expect(alerts).toEqual({ after: 'PT30S', webhookUrl: 'https://hooks.example/x?y' });
  });

  test.each([
    ['loans@lender.example', { name: '', address: 'loans@lender.example' }],
    ['Loans, Ltd. <loans@lender.example>', { name: 'Loans, Ltd.', address: 'loans@lender.example' }],
  ])('takes %j as the sender of mails', (MAIL_FROM, from) => {
    expect(loadConfig({ MAIL_FROM }).mail.from).toEqual(from);
  });

  test.each(['Loans <a b@lender.example>', 'Loans <loans@lender.example>\r\nBcc: eve@example.com', '<@>'])(
    'does not take %j as the sender of mails',
    (MAIL_FROM) => {
      expect(() => loadConfig({ MAIL_FROM })).toThrow('MAIL_FROM must be an e-mail address');
    },
  );

  test('a secret that cannot be used is not repeated', () => {
    expect(() => loadConfig({ SMTP_URL: 'http://user:a-secret@mail' })).toThrow(/^(?!.*a-secret).*SMTP_URL/s);
  });

  test('names every problem at once', () => {
    const wrong = {
      PORT: 'x',
      DATABASE_URL: 'mysql://x',
      LENDING_LIMIT: '-1',
      FAILPOINTS: '{',
      ALERT_AFTER: '5 minutes',
      KEEP_SAGAS_FOR: '90 days',
      ALERT_WEBHOOK_URL: 'ftp://x',
      SMTP_URL: 'http://x',
      MAIL_FROM: 'Unwind',
    };
    for (const name of Object.keys(wrong)) expect(() => loadConfig(wrong)).toThrow(name);
  });

  test.each([
    [{ HOST: '0.0.0.0', AUTH: 'off' }, 'only while HOST is loopback'],
    [{ NODE_ENV: 'production', AUTH: 'off' }, 'NODE_ENV is not production'],
    [
      { NODE_ENV: 'production', FAILPOINTS: '[{"step":"x","op":"do","at":"before","do":"exit"}]' },
      'FAILPOINTS is refused',
    ],
    [{ KEEP_SAGAS_FOR: 'PT23H' }, 'KEEP_SAGAS_FOR must be at least P1D'],
    [{ FAILPOINTS: '[{"step":"x","op":"do","at":"later","do":"exit"}]' }, 'FAILPOINTS.0.at'],
  ])('refuses %j and says why', (variables, why) => {
    expect(() => loadConfig(variables)).toThrow(why);
  });

  test.each(['127.0.0.1', '::1', 'localhost'])('lets %s listen without accounts', (HOST) => {
    expect(loadConfig({ HOST })).toMatchObject({ host: HOST, auth: 'off' });
    expect(loadConfig({ HOST, AUTH: 'on' }).auth).toBe('on');
  });

  test.each([{ HOST: '0.0.0.0' }, { HOST: '::' }, { NODE_ENV: 'production' }])(
    'asks for accounts with %j',
    (variables) => {
      expect(loadConfig(variables).auth).toBe('on');
      expect(loadConfig({ ...variables, AUTH: 'on' }).auth).toBe('on');
    },
  );
});
