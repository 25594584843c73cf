import { type Case, isTermination } from './case.ts';
import type { View } from './view.ts';

/** The timeline shows the steps of an inline run only after it has ended. */
export const isSeenInside = ({ placement }: Case): boolean => placement === 'apart';

/**
 * What is to be seen of both placements alike. Of a saga that was terminated in a stretch, no history tells what was
 * done, so its unwinder tries the compensation of every step that there is: seen are those that had been done, and
 * where they lie on no stack, they have no position.
 */
export function alike({ placement, failure }: Case): (view: Partial<View>) => Partial<View> {
  if (placement === 'apart' || !isTermination(failure)) return (view) => view;
  return ({ steps, guard = [], ...view }) => {
    const lines = guard.map((line) => line.replace(/^\d+ /, ''));
    const done = lines.flatMap((line) => (line.endsWith(' do by do') ? [line.split(' ', 1)[0]] : []));
    return { ...view, guard: lines.filter((line) => done.includes(line.split(' ', 1)[0])).sort() };
  };
}
