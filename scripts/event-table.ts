import { nextStepAfter } from '../src/choreography/purchase.ts';
import type { AncillaryReaction } from '../src/reactions/reaction.ts';
import type { StepContract } from '../src/saga/step.ts';
import * as sagas from '../src/workflows/sagas.ts';

const happenings = { done: 'is done', refused: 'is refused', undone: 'is undone' } as const;

/** Every event that a step declares, with its reactions, in Markdown. */
export function eventTable(ancillary: readonly Pick<AncillaryReaction, 'name' | 'on'>[]): string {
  const steps = new Map(
    Object.values(sagas).flatMap(({ definition }) => definition.steps.map((step) => [step.name, step])),
  );
  const rows = [...steps.values()].flatMap((step) =>
    eventsOf(step).map((event) => row(step, event, ancillary)),
  );
  return [
    '| event | service | when | in a choreographed purchase then | further reactions |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

type Event = { type: string; happening: string };

const eventsOf = ({ events }: StepContract): Event[] =>
  (['done', 'refused', 'undone'] as const).flatMap((key) => {
    const type = events[key];
    return type === undefined ? [] : [{ type, happening: happenings[key] }];
  });

function row(
  { name, service }: StepContract,
  { type, happening }: Event,
  ancillary: Parameters<typeof eventTable>[0],
): string {
  const next = nextStepAfter(type);
  const then = next ? `${next.op === 'undo' ? 'undo ' : ''}\`${next.step.contract.name}\`` : '–';
  const further = ancillary.filter(({ on }) => on.includes(type)).map((reaction) => `\`${reaction.name}\``);
  return `| \`${type}\` | ${service} | \`${name}\` ${happening} | ${then} | ${further.join(', ') || '–'} |`;
}
