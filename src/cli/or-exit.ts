import { messageOf } from './why-unusable.ts';

/** Runs `make`. Where it throws, prints only the message and ends the process. */
export async function orExit<T>(make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    console.error(messageOf(error));
    process.exit(1);
  }
}
