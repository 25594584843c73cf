import { messageOf } from '../guard/error-code.ts';

/** Adds the usage to the error of `parseArgs`, in place of its advice. */
export function orUsage<T>(usage: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${withoutAdvice(error)}\n\n${usage}`);
  }
}

/** Which option an error of `parseArgs` is about. */
export const withoutAdvice = (error: unknown) => messageOf(error).split('. ')[0];
