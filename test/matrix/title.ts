import type { OperatorAction } from '../../src/saga/command.ts';
import type { Case, Failure } from './case.ts';
import { expectedOf } from './expected.ts';

const phrases: Record<Failure, string> = {
  refused: 'is refused',
  spent: 'spends its attempts',
  'timed out': 'times out after its commit',
  'cancelled before': 'is not yet begun when the saga is cancelled',
  'cancelled during': 'is under way when the saga is cancelled',
  'cancelled after': 'is done when the saga is cancelled',
  'terminated before its commit': 'is not committed when the saga is terminated',
  'terminated after its commit': 'is committed when the saga is terminated',
};

const orders: Record<OperatorAction, string> = {
  retry: 'and retried',
  correct: 'and corrected',
  compensate: 'and given up',
  resolve: 'and resolved',
};

/** The case as a sentence. */
export function titleOf(one: Case): string {
  const { saga, way, step, failure, operator, undo, policy, placement } = one;
  const parts = [
    [step, phrases[failure], ...(operator ? [orders[operator]] : [])].join(' '),
    ...(undo ? [`undo of ${undo.step} ${undo.trouble}`] : []),
    `policy ${policy}, ${placement}`,
  ];
  return `${saga}, ${way.name}: ${parts.join(', ')} → ${expectedOf(one).end.state}`;
}
