import { messageOf } from '../guard/error-code.ts';

/** Adds the usage to the error of `parseArgs`, in place of its advice. */
export function orUsage<T>(usage: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const [what] = messageOf(error).split('. ');
    throw new Error(`${what}\n\n${usage}`);
  }
}
