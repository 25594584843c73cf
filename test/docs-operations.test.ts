import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { json } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { cliVersion } from '../scripts/stack/obtain-temporal-cli.ts';
import { freePort } from '../scripts/stack/ports.ts';
import { start, stopAll } from './compose/programs.ts';
import { databaseVariables } from './support/databases.ts';
import { origination, untilUnwinder, unwinderStatus, waitingSaga } from './support/left-behind.ts';
import { granted, heal, originate, rowsOf } from './support/originations.ts';
import { portOf } from './support/port-of.ts';
import { relayOf } from './support/relay.ts';
import { shopOf } from './support/shop.ts';
import { type System, startSystem, temporalVariables } from './support/system.ts';

const text = readFileSync(join(import.meta.dirname, '..', 'docs', 'operations.md'), 'utf8');
const [intro = '', ...sections] = text.split(/^## /m);
const blocksOf = (section: string, language = 'sh') =>
  [...section.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block]) =>
    (block ?? '').trim(),
  );
const sectionOf = (title: string) => sections.find((section) => section.startsWith(`${title}\n`)) ?? '';

let system: System;
let server: ReturnType<typeof serve>;
let api: string;
beforeAll(async () => {
  system = await startSystem({ workflows: 'quick' });
  server = serve({ fetch: system.app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  api = `http://127.0.0.1:${portOf(server)}`;
});
afterAll(async () => {
  server.close();
  await system.end();
});

async function bash(script: string) {
  const { stdout } = await promisify(execFile)('bash', ['-euc', script], {
    env: {
      ...process.env,
      PATH: `${dirname(inject('temporalCli'))}:${process.env['PATH']}`,
      ...temporalVariables(system.temporal),
      ...databaseVariables(system.databases),
    },
    timeout: 40_000,
  });
  return stdout;
}

/** Pastes blocks into a shell, and compares what each command prints with the line behind it that says what it prints. */
async function paste(blocks: string[], saga: string) {
  const lines = blocks.join('\n').split('\n');
  const script = lines.map((line) => (line.startsWith('#→') ? 'echo; echo ---' : line)).join('\n');
  const stdout = await bash(`SAGA=${saga}\n${script}`);
  const printed = stdout.split('---\n');
  const promised = lines.filter((line) => line.startsWith('#→')).map((line) => line.slice(2).trim());
  expect(promised.length).toBeGreaterThan(0);
  for (const [index, fragment] of promised.entries()) expect(printed[index]).toContain(fragment);
}

const settings = () => blocksOf(intro)[0]?.replace('http://127.0.0.1:3000', api) ?? '';
const paragraph = (title: string, saga: string) => paste([settings(), ...blocksOf(sectionOf(title))], saga);

const refuse = (step: string) => ({ step, op: 'do', at: 'before', do: 'refuse' }) as const;
const failingUndo = { step: 'submit-application', op: 'undo', at: 'before', do: 'error' } as const;

async function parked(...faults: Parameters<typeof originate>[1] & object) {
  const id = await originate(system, faults);
  await system.untilState(id, 'parked');
  return id;
}

test('what waits for somebody is found', async () => {
  const id = await parked(refuse('submit-application'));
  await expect
    .poll(async () => (await system.call('GET', '/sagas?state=parked')).body.items.length, {
      timeout: 10_000,
    })
    .toBeGreaterThan(0);
  await paste([settings(), ...blocksOf(intro).slice(1)], id);
});

test('a step is corrected', async () => {
  await paragraph(
    'A step is parked that can be corrected',
    await parked({ ...refuse('submit-application'), times: 1 }),
  );
});

test('a parked compensation is tried again', async () => {
  const id = await parked(refuse('book-loan'), failingUndo);
  heal(system, id);
  await paragraph('A compensation is parked', id);
});

test('a compensation is settled by hand', async () => {
  await paragraph(
    'A compensation cannot run and was settled by hand',
    await parked(refuse('book-loan'), failingUndo),
  );
});

test('a step past the pivot is tried again', async () => {
  await paragraph('A step past the pivot is parked', await parked({ ...refuse('activate-loan'), times: 1 }));
});

test('a terminated saga is unwound', async () => {
  const id = await originate(system, [], { annual_income: undefined });
  await system.untilState(id, 'waiting');
  await system.handle('mortgage-origination', id).terminate('by mistake');
  await paragraph('Somebody terminated a workflow, or it timed out', id);
});

test('a saga that was terminated past its pivot goes on after a reset', async () => {
  const id = await parked({ ...refuse('activate-loan'), times: 1 });
  await system.handle('mortgage-origination', id).terminate('by mistake');
  await untilUnwinder(system, id);
  await paragraph('A workflow was terminated after the money had moved', id);
  await expect.poll(() => unwinderStatus(system, id), { timeout: 10_000 }).not.toBe('RUNNING');
  expect((await system.get(id)).state).toBe('completed');
  expect(await rowsOf(system, id)).toEqual(granted);
});

test('a waiting saga is decided', async () => {
  const id = await originate(system, [], { annual_income: undefined });
  await system.untilState(id, 'waiting');
  await expect
    .poll(async () => (await system.call('GET', '/sagas?state=waiting')).body.items.length, {
      timeout: 10_000,
    })
    .toBeGreaterThan(0);
  await paragraph('A saga waits for an underwriter', id);
});

test('a saga whose service fails says so', async () => {
  await system.sql.loan`alter table loan rename to loan_away`;
  const id = await originate(system);
  await paragraph('A saga runs or compensates for too long', id);
  await system.sql.loan`alter table loan_away rename to loan`;
});

test('a saga whose service has no worker is found', async () => {
  await system.rest('customer');
  const id = await originate(system);
  await expect
    .poll(async () => (await system.call('GET', '/sagas?step=register-customer')).body.items, {
      timeout: 10_000,
    })
    .toEqual(expect.arrayContaining([expect.objectContaining({ saga_id: id, state: 'running' })]));
  await paragraph('A saga stands still', id);
  await system.work('customer');
  await system.untilEnded(id);
});

test("each command to Temporal's CLI does what it is for", async () => {
  const [, block = ''] = blocksOf(sectionOf("Temporal's CLI"), 'bash');
  const commands = block.split(/\n(?=temporal )/);
  expect(commands).toHaveLength(7);
  const run = (words: string, id: string) => {
    const [command = 'false', ...others] = commands.filter((command) => command.includes(words));
    expect(others).toEqual([]);
    return bash(command.replaceAll('SAGA_ID', id));
  };
  const endOf = async (id: string) => (await system.untilEnded(id)).state;
  const waiting = () => waitingSaga(system);
  const refused = () => parked({ ...refuse('submit-application'), times: 1 });

  const decided = await waiting();
  expect(await run('--type saga', decided)).toContain('"waiting"');
  await run('--name decide', decided);
  expect(await endOf(decided)).toBe('completed');
  const cancelled = await waiting();
  await run('workflow cancel', cancelled);
  expect(await endOf(cancelled)).toBe('cancelled');
  const terminated = await waiting();
  await system.handle(origination, terminated).terminate('by mistake');
  await untilUnwinder(system, terminated);
  await run('--name compensate', terminated);
  expect(await endOf(terminated)).toBe('compensated');
  const retried = await refused();
  await expect.poll(() => run('workflow list', retried)).toContain(retried);
  await run('--name retry', retried);
  expect(await endOf(retried)).toBe('completed');
  const corrected = await refused();
  await run('--name correct', corrected);
  expect(await endOf(corrected)).toBe('completed');
  const amounts = system.sql.mortgage`select loan_amount from application where saga_id = ${corrected}`;
  expect(await amounts).toEqual([{ loan_amount: '30000000' }]);
}, 120_000);

test('a lock that an ended saga has kept is freed', async () => {
  const id = await originate(system);
  await system.untilEnded(id);
  const row = sectionOf('Other symptoms').match(/`(temporal workflow terminate -w sweep-locks-loan)`/);
  await bash(String(row?.[1]));
  await system.sql.loan`update loan set held_by = saga_id where saga_id = ${id}`;
  await system.rest('sagas');
  await system.work('sagas');
  await expect.poll(() => rowsOf(system, id), { timeout: 30_000 }).toEqual(granted);
});

const temporalAfterAlias = async (env: Record<string, string>) => {
  const [block = ''] = blocksOf(sectionOf("Temporal's CLI"), 'bash');
  const { stdout } = await promisify(execFile)(
    'bash',
    ['-euc', `${block}\nalias temporal || command -v temporal`],
    {
      env: { ...process.env, ...env },
    },
  );
  return stdout.trim();
};

test('a Temporal CLI on the PATH is used as it is', async () => {
  const home = mkdtempSync(join(tmpdir(), 'unwind-alias-'));
  const own = join(home, 'temporal');
  writeFileSync(own, '#!/bin/sh\n', { mode: 0o755 });
  expect(await temporalAfterAlias({ HOME: home, PATH: `${home}:/usr/bin:/bin` })).toBe(own);
  rmSync(home, { recursive: true });
});

test("the alias names the Temporal CLI in the cache, and not the server's programs", async () => {
  const home = mkdtempSync(join(tmpdir(), 'unwind-alias-'));
  const cached = join(home, '.cache', 'unwind', `temporal-${cliVersion}`, 'temporal');
  const other = join(home, '.cache', 'unwind', 'temporal-server-1.29.1', 'temporal-server');
  for (const file of [cached, other]) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
  }
  expect(await temporalAfterAlias({ HOME: home, PATH: '/usr/bin:/bin' })).toBe(`alias temporal='${cached}'`);
  rmSync(home, { recursive: true });
});

test('the adapter posts an alert to Slack as text', async () => {
  const posted: unknown[] = [];
  const slack = createServer(async (request, response) => {
    posted.push(await json(request));
    response.end();
  });
  await once(slack.listen(0, '127.0.0.1'), 'listening');
  const port = portOf(slack);
  const folder = mkdtempSync(join(tmpdir(), 'unwind-slack-'));
  const [block = ''] = blocksOf(sectionOf('Alerts'), 'js');
  writeFileSync(join(folder, 'slack.mjs'), block);
  const PORT = String(await freePort());
  const adapter = start([process.execPath, 'slack.mjs'], folder, {
    PORT,
    SLACK_URL: `http://127.0.0.1:${port}`,
  });
  const [sample = ''] = blocksOf(sectionOf('Alerts'), 'json');
  const post = () =>
    fetch(`http://127.0.0.1:${PORT}`, { method: 'POST', body: sample }).then(
      ({ status }) => status,
      () => adapter.printed(),
    );
  await expect.poll(post, { timeout: 10_000 }).toBe(204);
  expect(posted).toEqual([{ text: expect.stringContaining('undo submit-application') }]);
  await stopAll();
  slack.close();
  rmSync(folder, { recursive: true });
});

test('an event that cannot be delivered is released', async () => {
  await system.rest('relay');
  const relay = relayOf(system);
  const shop = shopOf(system);
  const id = crypto.randomUUID();
  const failpoint = { saga: id, step: 'create-payment', op: 'do', at: 'before', do: 'error' } as const;
  system.config.failpoints.push(failpoint);
  const basket = shop.basket([await shop.product(), 1]);
  const body = { saga_id: id, type: 'purchase', mode: 'choreographed', ...basket };
  expect((await system.call('POST', '/start', body)).status).toBe(202);
  await system.untilState(id, 'parked');
  heal(system, id);
  await paragraph('An event cannot be delivered', id);
  await relay.stop();
});
