import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { openDatabase } from '../../src/guard/database.ts';
import { createLogger } from '../../src/logger.ts';
import { bearer } from '../accounts/support.ts';
import { inPlaceOfAll } from '../support/databases.ts';
import { heal } from '../support/originations.ts';
import { person } from '../support/resources.ts';
import {
  type Access,
  mortgageFor,
  type Person,
  referredFor,
  startAccess,
  started,
  untilState,
} from './support.ts';

let access: Access;
let operator: Person;
let underwriter: Person;
beforeAll(async () => {
  access = await startAccess();
  [operator, underwriter] = [await access.as('operator'), await access.as('underwriter')];
});
afterAll(() => access.system.end());

const idsOf = (page: { items: { saga_id: string }[] }) => page.items.map(({ saga_id }) => saga_id);

/** All pages of `limit`, one after the other. */
async function pages({ call }: Person, query: string, limit: number) {
  const found: string[][] = [];
  let cursor = '';
  do {
    const { status, body } = await call('GET', `/sagas?limit=${limit}${query}${cursor}`);
    expect(status).toBe(200);
    found.push(idsOf(body));
    cursor = body.next_cursor && `&cursor=${body.next_cursor}`;
  } while (cursor);
  return found;
}

test('so are those of commands: another operator sends the same key, and gives a command of their own', async () => {
  access.system.config.failpoints.push({ step: 'submit-application', op: 'do', at: 'before', do: 'refuse' });
  const id = await started(operator, 'mortgage-origination', mortgageFor(person().email));
  const headers = { 'idempotency-key': 'retry-1' };
  const people = [operator, await access.as('operator')];
  for (const one of people) {
    await untilState(one, id, 'parked');
    const retry = await one.call('POST', `/sagas/${id}/retry`, { reason: 'again' }, headers);
    expect(retry.status, JSON.stringify(retry.body)).toBe(200);
  }
  await untilState(operator, id, 'parked');
  access.system.config.failpoints.length = 0;
  await operator.call('POST', `/sagas/${id}/retry`, { reason: 'it works again' });
  const { timeline } = await untilState(operator, id, 'completed');
  const by = timeline.flatMap((entry) => ('action' in entry ? [entry['by']] : []));
  expect(by).toEqual([...people, operator].map(({ email }) => email));
});

test('keys are of one account: another one starts another saga with the same key and body', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  const people = [operator, await access.as('operator'), await access.as('admin')];
  const ids: string[] = [];
  for (const one of people) {
    const twice = [
      await started(one, 'rehearsal', {}, headers),
      await started(one, 'rehearsal', {}, headers),
    ];
    expect(twice[0]).toBe(twice[1]);
    ids.push(twice[0] ?? '');
  }
  expect(new Set(ids).size).toBe(3);
  const rows = await access.system.sql.unwind`
    select id, caller from saga where key = ${headers['idempotency-key']} order by created_at`;
  expect(rows).toEqual(people.map(({ id }, at) => ({ id: ids[at], caller: id })));

  const body = person();
  const first = await operator.call('POST', '/customers', body, headers);
  expect((await operator.call('POST', '/customers', body, headers)).body).toEqual(first.body);
  expect((await people[1]?.call('POST', '/customers', body, headers))?.status).toBe(409);
});

test('a saga_id that somebody has taken is refused, and tells nothing of the saga', async () => {
  const body = { saga_id: randomUUID() };
  expect((await operator.call('POST', '/start', body)).status).toBe(202);
  const again = await (await access.as('operator')).call('POST', '/start', body);
  expect(again.status).toBe(422);
  expect(await access.system.sql.unwind`select caller from saga where id = ${body.saga_id}`).toEqual([
    { caller: operator.id },
  ]);
});

test('decisions and commands record the e-mail address', async () => {
  const long = `${'u'.repeat(60)}@${'x'.repeat(60)}.${'y'.repeat(60)}.${'z'.repeat(60)}.com`;
  const [uma, olga] = [await access.as('underwriter', { email: long }), operator];
  const id = await started(operator, 'mortgage-origination', referredFor(person().email));
  await untilState(operator, id, 'waiting');
  const decision = { approved: false, reason: 'not this year' };
  const decided = await uma.call('POST', `/sagas/${id}/decision`, { id: 'one', ...decision });
  expect([decided.status, decided.body.decision]).toEqual([200, { id: 'one', ...decision, by: uma.email }]);
  expect((await uma.call('POST', `/sagas/${id}/decision`, { id: 'one', ...decision })).status).toBe(200);
  const { timeline } = await untilState(operator, id, 'completed');
  expect(timeline).toContainEqual(expect.objectContaining({ event: 'decision', ...decision, by: uma.email }));
  const other = await underwriter.call('POST', `/sagas/${id}/decision`, { id: 'one', ...decision });
  expect([other.status, other.body.decision.by]).toEqual([409, uma.email]);

  const given = await started(operator, 'mortgage-origination', referredFor(person().email));
  await untilState(operator, given, 'waiting');
  const order = { reason: 'a mistake' };
  expect((await olga.call('POST', `/sagas/${given}/compensate`, order)).status).toBe(200);
  const unwound = await untilState(operator, given, 'compensated');
  expect(unwound.timeline).toContainEqual(
    expect.objectContaining({ event: 'operator', action: 'compensate', ...order, by: olga.email }),
  );
});

test('the events of a saga, and the results of purchases, end with the token, without the event end', async () => {
  const saga = await started(operator, 'mortgage-origination', referredFor(person().email));
  await untilState(operator, saga, 'waiting');
  const { config, databases, temporal } = access.system;
  const registry = openDatabase(databases.unwind);
  // Of the token's quarter of an hour, five seconds are left.
  const { exp = 0 } = decodeJwt(operator.access_token);
  const ahead = exp * 1_000 - 5_000 - Date.now();
  const app = createApp(
    {
      auth: 'on',
      registry,
      temporal: temporal.client,
      temporalUiUrl: config.temporal.uiUrl,
      alertAfter: 'PT5M',
      logger: createLogger('test', 'silent'),
      clock: () => new Date(Date.now() + ahead),
    },
    inPlaceOfAll(registry),
  );
  const paths = [`/sagas/${saga}/events`, '/api/purchase/result'];
  const headers = bearer(operator.access_token);
  const streams = await Promise.all(paths.map((path) => app.request(path, { headers })));
  const [events, results] = await Promise.all(streams.map((stream) => stream.text()));
  expect(events).toContain('data: {"state":"waiting"}');
  expect(events).not.toContain('event: end');
  expect(results).toBe('');
  await registry.end();
});

describe("a customer's list", () => {
  let ada: Person;
  /** Newest first. */
  let waiting: string[];
  let ended: string[];
  let theirs: string[];

  beforeAll(async () => {
    ada = await access.as('customer');
    const bob = await access.as('customer');
    [waiting, ended, theirs] = [[], [], []];
    for (let n = 0; n < 3; n++) {
      theirs.unshift(await started(bob, 'mortgage-origination', referredFor(bob.email)));
      ended.unshift(await started(ada, 'mortgage-origination', { ...mortgageFor(ada.email), ...small }));
      theirs.unshift(await started(operator, 'rehearsal', {}));
      waiting.unshift(await started(ada, 'mortgage-origination', { ...referredFor(ada.email), ...small }));
    }
    for (const id of ended) await untilState(ada, id, 'completed');
    for (const id of waiting) await untilState(ada, id, 'waiting');
    for (const id of theirs) await untilState(operator, id, 'waiting', 'completed');
    // Temporal's index is a moment behind.
    await vi.waitFor(
      async () => {
        expect(await pages(ada, '&state=waiting', 100)).toEqual([waiting]);
        expect(await pages(ada, '&state=completed', 100)).toEqual([ended]);
      },
      { timeout: 10_000 },
    );
  }, 60_000);

  const small = { loan_amount: 1_000, property_value: 2_000 };
  const interleaved = () => [0, 1, 2].flatMap((n) => [waiting[n] ?? '', ended[n] ?? '']);

  test('lists only its own sagas, newest first, page by page, none twice', async () => {
    const own = interleaved();
    expect(await pages(ada, '', 4)).toEqual([own.slice(0, 4), own.slice(4)]);
    expect(await pages(ada, '', 2)).toEqual([own.slice(0, 2), own.slice(2, 4), own.slice(4)]);
    expect(await pages(ada, '&type=mortgage-origination', 6)).toEqual([own]);
    expect(await pages(ada, '&type=rehearsal', 6)).toEqual([[]]);
  });

  test('by state has its own alone, page by page', async () => {
    expect(await pages(ada, '&state=waiting', 2)).toEqual([waiting.slice(0, 2), waiting.slice(2)]);
    expect(await pages(ada, '&state=completed', 3)).toEqual([ended]);
    expect(await pages(ada, '&state=completed', 1)).toEqual(ended.map((id) => [id]));
    expect(await pages(ada, '&state=parked', 5)).toEqual([[]]);
    expect(await pages(ada, '&state=waiting&type=rehearsal', 5)).toEqual([[]]);
  });

  test('by step has its own alone, page by page', async () => {
    const { items } = (await ada.call('GET', '/sagas')).body;
    const steps = Object.fromEntries(
      items.map((one: { state: string; step: string }) => [one.state, one.step]),
    );
    expect(await pages(ada, `&step=${steps['waiting']}`, 2)).toEqual([waiting.slice(0, 2), waiting.slice(2)]);
    expect(await pages(ada, `&step=${steps['completed']}`, 2)).toEqual([ended.slice(0, 2), ended.slice(2)]);
    expect(await pages(ada, '&step=book-nothing', 2)).toEqual([[]]);
  });

  test('by step has open ones first, also where an ended one is newer', async () => {
    const dan = await access.as('customer');
    const saga = randomUUID();
    const fault = { saga, step: 'register-customer', op: 'do', at: 'before', do: 'error' } as const;
    access.system.config.failpoints.push(fault);
    const body = { saga_id: saga, type: 'mortgage-origination', ...referredFor(dan.email) };
    expect((await dan.call('POST', '/start', body)).status).toBe(202);
    const undone = await started(dan, 'mortgage-origination', referredFor(dan.email));
    await untilState(dan, undone, 'waiting');
    await operator.call('POST', `/sagas/${undone}/compensate`, { reason: 'over' });
    await untilState(dan, undone, 'compensated');
    const found = () => pages(dan, '&step=register-customer', 1);
    await expect.poll(found, { timeout: 10_000 }).toEqual([[saga], [undone]]);
    expect(await pages(dan, '', 2)).toEqual([[undone, saga]]);
    heal(access.system, saga);
    await untilState(dan, saga, 'waiting');
  });

  test('by state or step goes on on the next page after a thousand of its own that do not match', async () => {
    const eve = await access.as('customer');
    const open = await started(eve, 'mortgage-origination', referredFor(eve.email));
    await untilState(eve, open, 'waiting');
    await expect.poll(() => pages(eve, '&state=waiting', 1), { timeout: 10_000 }).toEqual([[open]]);
    await access.system.sql.unwind`
      insert into saga (id, type, caller, body_hash, created_at)
      select gen_random_uuid(), 'loan-payment', ${eve.id}, 'h', now() + n * interval '1 ms'
      from generate_series(1, 1050) n`;
    expect(await pages(eve, '&state=waiting', 1)).toEqual([[], [open]]);
    // Then those that have ended.
    expect(await pages(eve, '&step=assess-application', 1)).toEqual([[], [open], []]);
  });

  test('tells no ids of others in its cursors', async () => {
    for (const query of ['', '&state=waiting', '&step=assess-application']) {
      const { next_cursor } = (await ada.call('GET', `/sagas?limit=1${query}`)).body;
      expect(theirs.filter((id) => Buffer.from(next_cursor, 'base64url').toString().includes(id))).toEqual(
        [],
      );
    }
  });

  test('takes no cursor of another list', async () => {
    const { next_cursor } = (await ada.call('GET', '/sagas?limit=1')).body;
    expect((await ada.call('GET', `/sagas?state=waiting&cursor=${next_cursor}`)).status).toBe(422);
  });

  test('is everything for an underwriter', async () => {
    const all = (await pages(underwriter, '', 7)).flat();
    expect(all).toEqual(expect.arrayContaining([...waiting, ...ended, ...theirs]));
  });
});
