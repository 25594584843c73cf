import { expect } from 'vitest';

/** Stands for a number that only grows, as attempts do: it may have gone on before anybody looks. */
export const atLeast = (least: number): number => expect.toSatisfy((value: number) => value >= least);
