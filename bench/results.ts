import type { Contender } from './contenders.ts';
import type { Durability } from './durability.ts';
import type { Machine } from './machine.ts';
import type { Way, Workload } from './plan.ts';
import { type Group, groups, type MeasuredRound, type Row } from './rounds.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** One line of a table: a contender under one load, over all rounds. */
export interface Line {
  contender: string;
  title: string;
  part: Contender['part'];
  workload: Workload;
  way: Way;
  rounds: number;
  sagas: number;
  sagas_per_second: Spread;
  p50_ms: Spread;
  p95_ms: Spread;
  p99_ms: Spread;
  /** Of the processors, in all processes of the group; null where it cannot be measured. */
  cpu_ms_per_saga: Record<Group, Spread | null>;
  megabytes: Record<Group, Spread | null>;
}

/** What was measured with one durability. */
export interface Phase {
  durability: Durability;
  servers: { title: string; version: string; durability: string }[];
  /** What could not be had here, and why. */
  left_out: Record<string, string>;
  /** Sagas a second, of the arrivals. */
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
  const of = (pick: (round: MeasuredRound) => number) => spreadOf(rounds.map(pick));
  const ofGroups = (pick: (round: MeasuredRound, group: Group) => number | undefined) => {
    const spread = (group: Group) => {
      const values = rounds.flatMap((round) => pick(round, group) ?? []);
      return values.length === rounds.length ? spreadOf(values) : null;
    };
    const [application, engine, postgres] = groups.map(spread);
    return { application: application ?? null, engine: engine ?? null, postgres: postgres ?? null };
  };
  return {
    contender: contender.name,
    title: contender.title,
    part: contender.part,
    workload: part.workload,
    way: part.way,
    rounds: rounds.length,
    sagas: rounds.reduce((sum, { sagas }) => sum + sagas, 0),
    sagas_per_second: of(({ sagasPerSecond }) => sagasPerSecond),
    p50_ms: of(({ p50 }) => p50),
    p95_ms: of(({ p95 }) => p95),
    p99_ms: of(({ p99 }) => p99),
    cpu_ms_per_saga: ofGroups(({ cpu }, group) => cpu[group]),
    megabytes: ofGroups(({ memory }, group) => memory[group]),
  };
}
