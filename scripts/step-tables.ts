import type { StepContract } from '../src/saga/step.ts';
import * as sagas from '../src/workflows/sagas.ts';

/** The steps and compensations of each saga, in Markdown. */
export function stepTables(): string {
  return Object.values(sagas)
    .map(({ definition: { type, steps } }) => [`### ${type}`, '', ...table(steps)].join('\n'))
    .join('\n\n');
}

const table = (steps: readonly StepContract[]) => [
  '| step | service | what it does | compensation |',
  '|---|---|---|---|',
  ...steps.map((step) => `| \`${step.name}\` | ${step.service} | ${step.summary} | ${undo(step)} |`),
];

function undo({ compensation, pivot }: StepContract): string {
  if (pivot) return '**pivot**: never undone';
  return compensation ?? '–';
}
