import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { errorCode } from '../../guard/error-code.ts';
import { type Deliver, type Sender, toMessage } from './mail.ts';

/** Writes one file per mail, atomically. A mail sent again replaces its file. */
export function toFolder(folder: string, from: Sender): Deliver {
  const composer = createTransport({ streamTransport: true, buffer: true });
  return async (mail) => {
    const { message } = await composer.sendMail(toMessage(mail, from));
    const partial = join(folder, `.${mail.id}.${randomUUID()}`);
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(partial, message, { mode: 0o600 });
      await rename(partial, join(folder, `${mail.id}.eml`));
    } catch (error) {
      await rm(partial, { force: true }).catch(() => {});
      // The system's own error would count as a database outage and never be parked.
      throw new Error(`the mail cannot be written to MAIL_OUTBOX (${errorCode(error) ?? 'unknown'})`);
    }
  };
}
