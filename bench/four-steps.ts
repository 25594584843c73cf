/** The saga of every contender: four steps that write one row each. The last one may be refused. */
export const stepNames = ['register-customer', 'submit-application', 'book-loan', 'disburse-funds'] as const;
export type StepName = (typeof stepNames)[number];

export const amount = 300_000;

export interface FourSteps {
  id: string;
  /** Whether the last step is refused, so that three are compensated. */
  refused: boolean;
}

export const isRefused = ({ refused }: Pick<FourSteps, 'refused'>, step: StepName) =>
  refused && step === 'disburse-funds';

/** Throws unless the saga ended as expected. */
export function expectEnd({ id, refused }: FourSteps, ended: string) {
  if (ended !== (refused ? 'compensated' : 'granted')) throw new Error(`saga ${id} ended ${ended}`);
}

export const refusal = 'the account to pay to is closed';
