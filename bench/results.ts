import type { Contender } from './contenders.ts';
import type { Durability } from './durability.ts';
import { eachGroup, type Group } from './groups.ts';
import type { LeftOut } from './left-out.ts';
import type { Machine } from './machine.ts';
import type { Way, Workload } from './plan.ts';
import type { Measured, Row } from './rounds.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** Over all rounds. Null where it cannot be measured. */
type Spreads = {
  [Figure in keyof Measured]: Measured[Figure] extends number ? Spread : Record<Group, Spread | null>;
};

/** A contender under one load. */
export interface Line extends Spreads {
  contender: string;
  title: string;
  part: Contender['part'];
  workload: Workload;
  way: Way;
  rounds: number;
  sagas: number;
  /** In the round with the fewest. */
  fewest_sagas: number;
}

/** The results for one durability. */
export interface Phase {
  durability: Durability;
  servers: { title: string; version: string; durability: string }[];
  /** What was missing here, with the reason. */
  left_out: LeftOut;
  /** The rate of arrivals. */
  arrivals_per_second: number;
  lines: Line[];
}

export interface Results {
  at: string;
  commit: string;
  against: string | null;
  machine: Machine;
  versions: Record<string, string>;
  phases: Phase[];
}

export function lineOf({ contender, part, rounds }: Row): Line {
  const of = (figure: 'sagas_per_second' | 'p50_ms' | 'p95_ms' | 'p99_ms') =>
    spreadOf(rounds.map((round) => round[figure]));
  const ofGroups = (figure: 'cpu_ms_per_saga' | 'megabytes') =>
    eachGroup((group) => {
      const values = rounds.flatMap((round) => round[figure][group] ?? []);
      return values.length === rounds.length ? spreadOf(values) : null;
    });
  return {
    contender: contender.name,
    title: contender.title,
    part: contender.part,
    workload: part.workload,
    way: part.way,
    rounds: rounds.length,
    sagas: rounds.reduce((sum, { sagas }) => sum + sagas, 0),
    fewest_sagas: Math.min(...rounds.map(({ sagas }) => sagas)),
    sagas_per_second: of('sagas_per_second'),
    p50_ms: of('p50_ms'),
    p95_ms: of('p95_ms'),
    p99_ms: of('p99_ms'),
    cpu_ms_per_saga: ofGroups('cpu_ms_per_saga'),
    megabytes: ofGroups('megabytes'),
  };
}
