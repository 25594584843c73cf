import { describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { project } from './compose/files.ts';
import { start } from './compose/programs.ts';

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
    [{ PORT: 'x' }, 'PORT must be a port, 1 to 65535'],
    [{ PORT: '0' }, 'PORT must be a port, 1 to 65535'],
    [{ LOAN_PORT: '65536' }, 'LOAN_PORT must be a port, 0 to 65535'],
    [{ API_URL: 'example.com' }, 'API_URL must be a URL http://… or https://…'],
  ])('says of %j what it must be', (variables, what) => {
    expect(() => loadConfig(variables)).toThrow(what);
  });

  test('says where the API is found, from outside too', () => {
    expect(loadConfig({ PORT: '3001' }).url).toBe('http://127.0.0.1:3001');
    expect(loadConfig({ HOST: '::1' }).url).toBe('http://[::1]:3000');
    expect(loadConfig({ HOST: '0.0.0.0', API_URL: 'https://sagas.example/' }).url).toBe(
      'https://sagas.example',
    );
  });

  test.each([
    [
      'src/server.ts',
      { PORT: 'x' },
      'The configuration cannot be used:\n  - PORT must be a port, 1 to 65535\n',
    ],
    [
      'src/worker.ts',
      { PORT: 'x' },
      'The configuration cannot be used:\n  - PORT must be a port, 1 to 65535\n',
    ],
  ])('%s says what is wrong with %j, and no more', async (script, variables, said) => {
    const program = start([process.execPath, '--import', 'tsx', script], project, {
      ...process.env,
      ...variables,
    });
    expect(await program.ended).toBe(1);
    expect(program.printed()).toBe(said);
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
