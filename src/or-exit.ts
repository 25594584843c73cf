import { messageOf } from './why-unusable.ts';

/** What `make` makes. Where it throws, the process ends, and the message is all that it prints. */
export function orExit<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    console.error(messageOf(error));
    process.exit(1);
  }
}
