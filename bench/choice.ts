import type { Contender } from './contenders.ts';
import type { LeftOut } from './left-out.ts';

/** The contenders that run, and what a short run goes without. */
export function choose(all: Contender[], { only, short }: { only?: string[] | undefined; short: boolean }) {
  const isOut = ({ long }: Contender) => short && !only && long;
  const long = all.filter(isOut).map(({ name }) => name);
  const leftOut: LeftOut =
    long.length > 0 ? { [long.join(', ')]: 'A short run goes without, unless --only names them.' } : {};
  const chosen = only ? all.filter(({ name }) => only.includes(name.replace(/-old$/, ''))) : all;
  return { chosen: chosen.filter((each) => !isOut(each)), leftOut };
}
