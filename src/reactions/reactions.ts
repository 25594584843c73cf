import type { Logger } from 'pino';
import { countDaily } from './count-daily.ts';
import type { LetterSources } from './mail/letters.ts';
import { type MailSettings, mailer } from './mail/mailer.ts';
import { sendMail } from './mail/send-mail.ts';
import type { AncillaryReaction } from './reaction.ts';

interface ReactionEnvironment {
  databases: LetterSources;
  config: { mail: MailSettings };
  logger: Logger;
}

/** To add a reaction, write its file and list it here. */
export const ancillaryReactions = ({
  databases,
  config,
  logger,
}: ReactionEnvironment): AncillaryReaction[] => [
  countDaily,
  sendMail(databases, mailer(config.mail, logger)),
];
