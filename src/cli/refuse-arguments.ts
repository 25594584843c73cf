/** Throws `why` for any other argument than the `known` ones: a command without --help must not run for it. */
export function refuseArguments(why: string, ...known: string[]): void {
  if (process.argv.slice(2).some((argument) => !known.includes(argument))) throw new Error(why);
}
