import type { OperatorAction } from '../../src/saga/command.ts';
import { noResult, type StepContract } from '../../src/saga/step.ts';
import {
  type Case,
  type Failure,
  failures,
  isOwn,
  isTermination,
  placements,
  policies,
  type Trouble,
} from './case.ts';
import { expectedOf } from './expected.ts';
import { contractsOf, type SagaName, sagaNames, sagas, type Way } from './sagas.ts';

/** The whole matrix. */
export function allCases(): Case[] {
  return sagaNames.flatMap((saga) => sagas[saga].ways.flatMap((way) => casesOf(saga, way)));
}

function casesOf(saga: SagaName, way: Way): Case[] {
  const contracts = contractsOf(saga, way);
  const pivot = contracts.findIndex((contract) => contract.pivot);
  return contracts.flatMap((contract, index) => {
    const place = { contract, past: pivot < 0 ? -1 : index - pivot };
    return failures
      .filter((failure) => canHappen(failure, index, contracts.length))
      .flatMap((failure) => operatorsFor(failure, place).map((operator) => ({ failure, operator })))
      .flatMap((what) =>
        policies.flatMap((policy) =>
          placements.map(
            (placement): Case => ({
              ...{ saga, way, step: contract.name, policy, placement, undo: null },
              ...what,
            }),
          ),
        ),
      )
      .flatMap((works) => [works, ...undosOf(works, contracts).map((undo) => ({ ...works, undo }))]);
  });
}

function canHappen(failure: Failure, index: number, steps: number): boolean {
  if (failure === 'cancelled before') return index > 0;
  if (failure === 'cancelled after') return index < steps - 1;
  return true;
}

/** What an operator can do about it; `past`: how many steps after the pivot, negative before it. */
function operatorsFor(
  failure: Failure,
  { contract, past }: { contract: StepContract; past: number },
): (OperatorAction | null)[] {
  if (failure === 'terminated after its commit' && past === 0) return ['resolve'];
  if (isTermination(failure)) return past > 0 ? ['resolve'] : ['compensate', 'resolve'];
  if (!isOwn(failure)) return [null];
  if (past > 0) return contract.result === noResult ? ['retry', 'resolve'] : ['retry'];
  return contract.correctable.length > 0 ? ['retry', 'correct', 'compensate'] : [null];
}

/** Each compensation that the case calls for, in each kind of trouble. A pivot is fenced, and that must succeed. */
function undosOf(works: Case, contracts: StepContract[]): { step: string; trouble: Trouble }[] {
  return expectedOf(works).undone.flatMap((step) => {
    const isPivot = contracts.some(({ name, pivot }) => name === step && pivot);
    const troubles: Trouble[] = ['fails, then works', 'is parked and retried'];
    return [...troubles, ...(isPivot ? [] : (['is parked and resolved'] as const))].map((trouble) => ({
      step,
      trouble,
    }));
  });
}
