import { messageOf } from './why-unusable.ts';

/** Runs a command. When it throws, prints only the message and exits with `failureCode`. */
export async function runCommand(work: () => Promise<void>, failureCode = 1): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = failureCode;
  }
}
