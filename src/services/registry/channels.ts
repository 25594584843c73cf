/** Notified when a choreographed saga has a new event or standing; the topic is its id. */
export const sagaChannel = 'saga_event';
/** Notified when a saga has started; the topic is its caller. */
export const startChannel = 'saga_start';
/** Notified when a reaction is due. */
export const reactionChannel = 'reaction';
