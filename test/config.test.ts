import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { project } from './compose/files.ts';
import { run, start } from './compose/programs.ts';

describe('the configuration', () => {
  test('has a default for everything', () => {
    expect(loadConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      servicePorts: { customer: 8081, mortgage: 8082, loan: 8083 },
      metricsPorts: { api: 9464, worker: 9465 },
      lendingLimit: 200_000_000n,
      alerts: { after: 'PT5M', webhookUrl: undefined },
      mail: { smtpUrl: undefined, from: { name: 'Unwind', address: 'unwind@localhost' }, outbox: undefined },
      failpoints: [],
      databases: { customer: 'postgres://unwind:unwind@127.0.0.1:54329/customer' },
      temporal: { namespace: 'default', connection: { address: '127.0.0.1:7233' } },
    });
  });

  test('takes a variable that is empty for one that is not given', () => {
    expect(loadConfig({ PORT: '', LOAN_DATABASE_URL: '' })).toEqual(loadConfig({}));
  });

  test('turns the port of a service and those of the metrics off with 0', () => {
    const off = ['CUSTOMER', 'MORTGAGE', 'LOAN', 'API_METRICS', 'WORKER_METRICS'].map((name) => [
      `${name}_PORT`,
      '0',
    ]);
    const { servicePorts, metricsPorts } = loadConfig(Object.fromEntries(off));
    expect([servicePorts, metricsPorts]).toEqual([
      { customer: 0, mortgage: 0, loan: 0 },
      { api: 0, worker: 0 },
    ]);
  });

  test('keeps sagas for a day at least', () => {
    expect(loadConfig({ KEEP_SAGAS_FOR: 'P1D' }).keepSagasFor).toBe('P1D');
    expect(() => loadConfig({ KEEP_SAGAS_FOR: 'PT23H' })).toThrow('KEEP_SAGAS_FOR must be at least P1D');
  });

  test('takes a server for all databases, and another one for some', () => {
    const { databases } = loadConfig({
      DATABASE_URL: 'postgres://u:p@db:5432',
      LOAN_DATABASE_URL: 'postgres://u:p@loans:5432/ledger?sslmode=require',
    });
    expect(databases.customer).toBe('postgres://u:p@db:5432/customer');
    expect(databases.loan).toBe('postgres://u:p@loans:5432/ledger?sslmode=require');
  });

  test.each(['postgres://db:5432', 'postgres://db:5432/', 'postgres://db:5432/postgres'])(
    'takes %s as a server',
    (DATABASE_URL) => {
      expect(loadConfig({ DATABASE_URL }).databases.loan).toBe('postgres://db:5432/loan');
    },
  );

  test('gives a database of its own URL the usual name, and knows which variable sets it', () => {
    const { databases, databaseVariables } = loadConfig({ LOAN_DATABASE_URL: 'postgres://loans:5432' });
    expect(databases.loan).toBe('postgres://loans:5432/loan');
    expect(databaseVariables).toMatchObject({ loan: 'LOAN_DATABASE_URL', customer: 'DATABASE_URL' });
  });

  test('names what sets the address of Temporal', () => {
    const TEMPORAL_CONFIG_FILE = join(mkdtempSync(join(tmpdir(), 'unwind-config-')), 'temporal.toml');
    writeFileSync(TEMPORAL_CONFIG_FILE, '[profile.default]\naddress = "temporal.example:7233"\n');
    onTestFinished(() => rmSync(dirname(TEMPORAL_CONFIG_FILE), { recursive: true }));
    expect(loadConfig({ TEMPORAL_CONFIG_FILE }).temporal).toMatchObject({
      connection: { address: 'temporal.example:7233' },
      setBy: `the address in ${TEMPORAL_CONFIG_FILE}`,
    });
    const both = { TEMPORAL_CONFIG_FILE, TEMPORAL_ADDRESS: 'other.example:7233' };
    expect(loadConfig(both).temporal.setBy).toBe('TEMPORAL_ADDRESS');
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
    [{ TEMPORAL_UI_URL: 'example.com' }, 'TEMPORAL_UI_URL must be a URL http://… or https://…'],
    [{ SERVICE_TOKEN: 'two words' }, 'SERVICE_TOKEN must be ASCII characters without spaces'],
    [{ SERVICE_TOKEN: 'café' }, 'SERVICE_TOKEN must be ASCII characters without spaces'],
    [{ AUTH: 'yes' }, 'AUTH must be on or off'],
    [{ PLACEMENT: 'beside' }, 'PLACEMENT must be apart or together'],
    [{ CALL_STACKS: 'yes' }, 'CALL_STACKS must be on or off'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be trace, debug, info, warn, error or silent'],
    [{ DATABASE_URL: 'db' }, 'DATABASE_URL must be a URL postgres://user:password@host:port'],
    [{ LOAN_DATABASE_URL: 'db' }, 'LOAN_DATABASE_URL must be a URL postgres://user:password@host:port'],
    [{ FAILPOINTS: '{' }, 'FAILPOINTS must be JSON'],
    [{ SMTP_URL: 'http://mail' }, 'SMTP_URL must be a URL smtp://user:password@host:port, or smtps://…'],
    [{ TEMPORAL_CONFIG_FILE: '.' }, 'TEMPORAL_… or the Temporal config file'],
    [{ DATABASE_URL: 'postgres://db/app' }, 'DATABASE_URL must name a server and no database'],
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

  test('appends paths to the URL of the Web UI, with or without its trailing slash', () => {
    for (const TEMPORAL_UI_URL of ['https://ui.example/temporal', 'https://ui.example/temporal/'])
      expect(loadConfig({ TEMPORAL_UI_URL }).temporal.uiUrl).toBe('https://ui.example/temporal');
  });

  test('takes the saga of a failpoint in capitals, too', () => {
    const saga = '72639776-a13f-4c1b-b0c3-5feb2d525e4e';
    const failpoint = { saga: saga.toUpperCase(), step: 'visit-loan', op: 'do', at: 'before', do: 'error' };
    expect(loadConfig({ FAILPOINTS: JSON.stringify([failpoint]) }).failpoints).toMatchObject([{ saga }]);
  });

  test('knows where this machine reaches the API, whatever its public address is', () => {
    expect(loadConfig({ API_URL: 'https://sagas.example' }).localUrl).toBe('http://127.0.0.1:3000');
    expect(loadConfig({ HOST: '0.0.0.0', PORT: '3001' }).localUrl).toBe('http://127.0.0.1:3001');
    expect(loadConfig({ HOST: '::' }).localUrl).toBe('http://127.0.0.1:3000');
    expect(loadConfig({ HOST: '::1' }).localUrl).toBe('http://[::1]:3000');
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
    [{ FAILPOINTS: '[{"step":"x","op":"do","at":"later","do":"exit"}]' }, 'FAILPOINTS.0.at'],
  ])('refuses %j and says why', (variables, why) => {
    expect(() => loadConfig(variables)).toThrow(why);
  });

  test.runIf(process.getuid?.() === 0)(
    'needs no home folder, which a user without HOME and without a name lacks',
    async () => {
      const stack = join(project, 'src', 'config-stack.ts');
      const code = `const { loadStackConfig } = await import(${JSON.stringify(stack)});
        process.seteuid(54321);
        console.log(loadStackConfig({}).cache);`;
      const options = ['--import', 'tsx', '--input-type', 'module', '--eval', code];
      const { PATH } = process.env;
      expect(await run([process.execPath, ...options], project, { PATH })).toBe('/.cache/unwind\n');
    },
  );

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
