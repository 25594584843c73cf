import { messageOf } from '../guard/error-code.ts';

/** If `work` throws, prints only the message and ends the process with `failureCode`. */
export async function orExit<T>(work: () => T | Promise<T>, failureCode = 1): Promise<T> {
  try {
    return await work();
  } catch (error) {
    console.error(messageOf(error));
    process.exit(failureCode);
  }
}
