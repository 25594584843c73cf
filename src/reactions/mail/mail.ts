import type { Letter } from './letters.ts';

export interface Sender {
  name: string;
  address: string;
}

export interface Mail extends Letter {
  /** The same for each attempt. */
  id: string;
  date: Date;
}

/** Resolves when the mail is accepted. */
export type Deliver = (mail: Mail) => Promise<void>;

/** For nodemailer. The Message-ID identifies duplicates. */
export const toMessage = ({ id, to, subject, text, date }: Mail, from: Sender) => ({
  from,
  to,
  subject,
  text,
  date,
  messageId: `<${id}@${from.address.split('@').at(-1)}>`,
  // RFC 3834: suppresses automatic replies.
  headers: { 'Auto-Submitted': 'auto-generated' },
  disableFileAccess: true,
  disableUrlAccess: true,
});
