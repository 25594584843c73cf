import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { type Deliver, messageOf, type Sender } from './mail.ts';

/** One file a mail, whole or not at all; twice is the same file. */
export function toFolder(folder: string, from: Sender): Deliver {
  const composer = createTransport({ streamTransport: true, buffer: true });
  return async (mail) => {
    const { message } = await composer.sendMail(messageOf(mail, from));
    const half = join(folder, `.${mail.id}.${randomUUID()}`);
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(half, message, { mode: 0o600 });
      await rename(half, join(folder, `${mail.id}.eml`));
    } catch (error) {
      await rm(half, { force: true }).catch(() => {});
      // Not the system's error itself: it would count as an outage of a database, and never be parked.
      const code = error instanceof Error && 'code' in error ? error.code : 'unknown';
      throw new Error(`the mail cannot be written to MAIL_OUTBOX (${code})`);
    }
  };
}
