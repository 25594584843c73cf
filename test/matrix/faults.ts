import type { Failpoint } from '../../src/guard/failpoints.ts';
import { type Case, interruptionOf, isOwn, type OwnFailure, quickAttempts } from './case.ts';
import { contractsOf } from './sagas.ts';

type Fault = Omit<Failpoint, 'saga'>;

/**
 * What is to fail so that the case comes about. Each fault is used up by then, so that what is retried works. Placed
 * with its worker, what fails is tried once more than its contract says: first in a stretch, then by itself.
 */
export function faultsOf(one: Case): Fault[] {
  const { failure, undo, placement } = one;
  const interruption = interruptionOf(one);
  const tries = quickAttempts + (placement === 'together' ? 1 : 0);
  return [
    ...(isOwn(failure) ? [ownFault(one, failure, tries)] : []),
    ...(interruption?.during ? [hang(interruption.during, interruption.committed)] : []),
    ...(undo ? [undoFault(undo.step, undo.trouble === 'fails, then works', tries)] : []),
  ];
}

/** A pivot is tried for longer than other steps. */
function ownFault({ saga, way, step }: Case, failure: OwnFailure, tries: number): Fault {
  const isPivot = contractsOf(saga, way).some(({ name, pivot }) => name === step && pivot);
  const fault = { step, op: 'do' } as const;
  if (failure === 'refused') return { ...fault, at: 'before', do: 'refuse', times: 1 };
  if (failure === 'spent') return { ...fault, at: 'before', do: 'error', times: tries + (isPivot ? 1 : 0) };
  return { ...fault, at: 'after_commit', do: 'hang', times: tries };
}

/** Longer than it takes to cancel or terminate the saga meanwhile. */
const hang = (step: string, committed: boolean): Fault => ({
  step,
  op: 'do',
  at: committed ? 'after_commit' : 'before',
  do: 'hang',
  times: 1,
});

/** What fails but once has lost the answer of a compensation that was committed. */
const undoFault = (step: string, once: boolean, tries: number): Fault => ({
  step,
  op: 'undo',
  at: once ? 'after_commit' : 'before',
  do: 'error',
  times: once ? 1 : tries,
});
