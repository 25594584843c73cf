/** All that can be seen of a saga, in lines. */
export interface View {
  state: string;
  /** `do book-loan refused`, in the order in which they came to be so. */
  steps: string[];
  /** `operator retry book-loan`, in their order. */
  events: string[];
  /** `book-loan do refused, attempts: 1`. */
  execution: string[];
  compensation: string[];
  /** `4 book-loan@1 do by do`, by position. */
  guard: string[];
}

/** Names a generation where it is not the first. */
export const sideOf = (op: string, step: string, generation: number) =>
  `${op} ${step}${generation > 1 ? `@${generation}` : ''}`;

interface Failed {
  step: string | null;
  op: string | null;
  type: string;
  attempts: number;
  resolved?: unknown;
}

export const errorLine = ({ step, op, type, attempts, resolved }: Failed) =>
  `${step === null ? '' : `${step} ${op} `}${type}, attempts: ${attempts}${resolved ? ', resolved' : ''}`;

export interface GuardRow {
  position: number;
  step: string;
  generation: number;
  op: string;
  by: string;
  /** Of an undo. */
  outcome?: string | null | undefined;
}

export const guardLine = ({ position, step, generation, op, by, outcome }: GuardRow) =>
  `${position} ${step}@${generation} ${op} by ${by}${outcome ? ` ${outcome}` : ''}`;
