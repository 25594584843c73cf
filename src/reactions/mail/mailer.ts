import type { Logger } from 'pino';
import { toFolder } from './folder.ts';
import type { Deliver, Sender } from './mail.ts';
import { bySmtp } from './smtp.ts';

export interface MailSettings {
  /** A secret. */
  smtpUrl: string | undefined;
  from: Sender;
  /** Folder for mails when there is no SMTP server. */
  outbox: string | undefined;
}

/** By SMTP, into a folder, or neither. */
export function mailer({ smtpUrl, from, outbox }: MailSettings, logger: Logger): Deliver {
  if (smtpUrl !== undefined) return bySmtp(smtpUrl, from);
  if (outbox !== undefined) return toFolder(outbox, from);
  return async ({ id }) => logger.info({ mail: id }, 'not sent: neither SMTP_URL nor MAIL_OUTBOX is set');
}
