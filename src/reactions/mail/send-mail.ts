import { type LetterSources, letterAbout, tellingEvents } from './letters.ts';
import type { Deliver } from './mail.ts';
import type { AncillaryReaction } from '../reaction.ts';

const name = 'send-mail';

/** Tells the customer what has become of a loan or an order. */
export const sendMail = (databases: LetterSources, deliver: Deliver): AncillaryReaction => ({
  name,
  on: tellingEvents,

  async perform(event) {
    const letter = await letterAbout(databases, event);
    if (!letter) return;
    const { service, id, sagaId, at } = event;
    await deliver({ ...letter, id: `${name}.${service}-${id}.${sagaId}`, date: at });
  },
});
