import type { Letter } from './letters.ts';

/** On behalf of whom it is sent. */
export interface Sender {
  name: string;
  address: string;
}

export interface Mail extends Letter {
  /** The same at each attempt. */
  id: string;
  date: Date;
}

/** Throws unless the mail is out of our hands. */
export type Deliver = (mail: Mail) => Promise<void>;

/** As nodemailer wants it. Its Message-ID tells a mail that is sent twice. */
export const messageOf = ({ id, to, subject, text, date }: Mail, from: Sender) => ({
  from,
  to,
  subject,
  text,
  date,
  messageId: `<${id}@${from.address.split('@').at(-1)}>`,
  // Answering machines do not answer it.
  headers: { 'Auto-Submitted': 'auto-generated' },
  disableFileAccess: true,
  disableUrlAccess: true,
});
