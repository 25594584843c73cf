import { z } from 'zod';
import { plainText } from './text.ts';

export const operatorActions = ['retry', 'correct', 'resolve', 'compensate'] as const;
export type OperatorAction = (typeof operatorActions)[number];

const maxDepth = 20;

const isShallow = (value: unknown, left = maxDepth): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (left > 0 && Object.values(value).every((inner) => isShallow(inner, left - 1)));

const command = z.object({
  /** Makes a resent command count once. */
  id: plainText(200).optional(),
  /** An e-mail address fits. */
  by: plainText(254),
  reason: plainText(2_000),
  step: plainText(200).optional(),
});

/** The payloads of the signals and updates `retry`, `correct`, `resolve` and `compensate`. */
export const commandSchemas = {
  retry: command,
  correct: command.extend({
    input: z.record(z.string(), z.unknown()).refine((input) => isShallow(input), 'is nested too deep'),
  }),
  resolve: command,
  compensate: command,
} satisfies Record<OperatorAction, z.ZodType>;

/** A command of an operator. */
export interface Command extends z.infer<typeof command> {
  action: OperatorAction;
  /** Of `correct`: the fields to change. */
  input?: Record<string, unknown> | undefined;
}

export const refusalSchema = z.object({
  why: z.enum(['malformed', 'not-possible', 'several-parked', 'id-used']),
  detail: z.string(),
  /** Possible commands. */
  possible: z.array(z.object({ action: z.enum(operatorActions), step: z.string().nullable() })),
  /** Errors of a correction, by field of its input. */
  fields: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
});
/** Why a command was refused. */
export type CommandRefusal = z.infer<typeof refusalSchema>;

/** As text: why, and which commands are possible. */
export function asText({ detail, possible }: CommandRefusal): string {
  const instead = possible.map(({ action, step }) => `${action} ${step ?? ''}`.trim()).join(', ');
  return `${detail}; possible: ${instead || 'nothing'}`;
}

/** A step's input after a correction. */
export const merged = (input: unknown, correction: Record<string, unknown> = {}) => ({
  ...(typeof input === 'object' ? input : {}),
  ...correction,
});

interface Sent extends Pick<Command, 'action' | 'by' | 'reason'> {
  step?: string | null | undefined;
  input?: unknown;
}

/** The same command, sent again. */
export const isSameCommand = (one: Sent, other: Sent) =>
  one.action === other.action &&
  one.by === other.by &&
  one.reason === other.reason &&
  one.step === other.step &&
  JSON.stringify(one.input) === JSON.stringify(other.input);
