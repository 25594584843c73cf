import type { AncillaryReaction } from '../reaction.ts';
import { type LetterSources, letterAbout, letterEvents } from './letters.ts';
import type { Deliver } from './mail.ts';

const name = 'send-mail';

/** Mails the customer about a granted loan, or a completed or cancelled order. */
export const sendMail = (databases: LetterSources, deliver: Deliver): AncillaryReaction => ({
  name,
  on: letterEvents,

  async perform(event) {
    const letter = await letterAbout(databases, event);
    if (!letter) return;
    const { service, id, sagaId, at } = event;
    await deliver({ ...letter, id: `${name}.${service}-${id}.${sagaId}`, date: at });
  },
});
