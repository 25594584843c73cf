import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { isUnavailable } from '../../src/guard/connection-error.ts';
import { createLogger } from '../../src/logger.ts';
import type { Mail } from '../../src/reactions/mail/mail.ts';
import { mailer } from '../../src/reactions/mail/mailer.ts';
import { Outage } from '../../src/reactions/reaction.ts';
import { portOf } from '../support/port-of.ts';
import { startMailServer } from './mail-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'unwind-mail-'));
const from = { name: 'Unwind', address: 'unwind@localhost' };
const mail: Mail = {
  id: 'send-mail.order-42.a1',
  to: 'ada@example.com',
  subject: 'Your order is complete',
  text: 'Dear customer,\n',
  date: new Date('2026-01-15T08:00:00Z'),
};

let server: Awaited<ReturnType<typeof startMailServer>>;
beforeAll(async () => {
  server = await startMailServer();
});
afterAll(async () => {
  await server.goAway();
  rmSync(folder, { recursive: true });
});

const lines: string[] = [];
const logger = createLogger('test', 'info', { write: (line) => void lines.push(line) });
const bySmtp = (smtpUrl: string) => mailer({ smtpUrl, from, outbox: undefined }, logger);
const intoFolder = (outbox: string) => mailer({ smtpUrl: undefined, from, outbox }, logger);
const failureOf = async (sent: Promise<void>): Promise<unknown> =>
  sent.then(
    () => undefined,
    (error) => error,
  );

test('without a server a mail is one file, whole, and delivered again it is the same file', async () => {
  const outbox = join(folder, 'made', 'when needed');
  const deliver = intoFolder(outbox);
  await Promise.all([deliver(mail), deliver(mail)]);
  await intoFolder(outbox)(mail);
  expect(readdirSync(outbox)).toEqual(['send-mail.order-42.a1.eml']);
  const file = join(outbox, 'send-mail.order-42.a1.eml');
  expect(readFileSync(file, 'utf8').replaceAll('\r\n', '\n')).toBe(`Auto-Submitted: auto-generated
From: Unwind <unwind@localhost>
To: ada@example.com
Subject: Your order is complete
Message-ID: <send-mail.order-42.a1@localhost>
Date: Thu, 15 Jan 2026 08:00:00 +0000
Content-Transfer-Encoding: 7bit
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Dear customer,
`);
  expect(statSync(file).mode & 0o077).toBe(0);
});

test('a folder that cannot be written is a failure, not an outage, and leaves nothing', async () => {
  const file = join(folder, 'a file');
  await intoFolder(file)(mail);
  const error = await failureOf(intoFolder(join(file, 'send-mail.order-42.a1.eml'))(mail));
  expect(String(error)).toMatch(/^Error: the mail cannot be written to MAIL_OUTBOX \([A-Z]+\)$/);
  expect(isUnavailable(error) || error instanceof Outage).toBe(false);
  expect(readdirSync(file)).toEqual(['send-mail.order-42.a1.eml']);
});

test('with neither, a mail is a log line, without its text and recipient', async () => {
  lines.length = 0;
  await mailer({ smtpUrl: undefined, from, outbox: undefined }, logger)(mail);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { mail: mail.id, msg: 'not sent: neither SMTP_URL nor MAIL_OUTBOX is set' },
  ]);
  expect(lines.join()).not.toMatch(/ada|Dear/i);
});

test('what a mail server refuses is a failure that repeats neither its text nor the address', async () => {
  server.refused.add(mail.to);
  const error = await failureOf(bySmtp(server.url)(mail));
  expect(String(error)).toBe('Error: the mail server answered RCPT TO with 550');
  expect(isUnavailable(error) || error instanceof Outage).toBe(false);
  server.refused.clear();
});

test('a mail server that is down is an outage, and its password is not logged', async () => {
  const url = server.url.replace('//', '//unwind:a-secret@');
  await server.goAway();
  const error = await failureOf(bySmtp(url)(mail));
  expect(error).toBeInstanceOf(Outage);
  expect(String(error)).toBe('Outage: the mail server cannot be reached (ECONNREFUSED)');
  await server.comeBack();
});

test('one that closes each connection before a word, like a balancer with nothing behind it, is an outage', async () => {
  const closing = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
  const port = portOf(closing);
  for (const scheme of ['smtp', 'smtps']) {
    const error = await failureOf(bySmtp(`${scheme}://127.0.0.1:${port}`)(mail));
    expect(error).toBeInstanceOf(Outage);
    expect(String(error)).toMatch(/^Outage: the mail server cannot be reached \(ECONN[A-Z]+\)$/);
  }
  closing.close();
});

test('one that greets and then hangs up over a mail is not: the mail is tried so often and no more', async () => {
  for (const [lose, code] of [
    [undefined, 'ECONNECTION'],
    [(socket: Socket) => void socket.resetAndDestroy(), 'ECONNRESET'],
  ] as const) {
    server.loseReplies(1, lose);
    const error = await failureOf(bySmtp(server.url)(mail));
    expect(String(error)).toBe(`Error: the mail cannot be sent (${code})`);
    expect(error).not.toBeInstanceOf(Outage);
  }
});

test('nor is one that greets and takes too long to accept a mail', async () => {
  const late = new AbortController();
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(late.signal);
  server.loseReplies(1, () => late.abort());
  const error = await failureOf(bySmtp(server.url)(mail));
  timeout.mockRestore();
  expect(String(error)).toBe('Error: the mail cannot be sent (EABORT)');
  expect(error).not.toBeInstanceOf(Outage);
});

test('a mail server that does not respond times out within the lease of a reaction', async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const port = portOf(silent);
  const begun = Date.now();
  const error = await failureOf(bySmtp(`smtp://127.0.0.1:${port}`)(mail));
  expect(error).toBeInstanceOf(Outage);
  expect(Date.now() - begun).toBeLessThan(20_000);
  silent.close();
});
