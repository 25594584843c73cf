import { type Machine, wasBusy } from '../machine.ts';

/** The machine and the versions. */
export const machineLines = (
  { processor, cores, gibibytes, system, load }: Machine,
  versions: Record<string, string>,
): string[] => [
  `Machine   ${processor}, ${cores} cores, ${gibibytes} GiB, ${system}; load ${load.before} before, ${load.after} after`,
  `Versions  ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}`,
];

/** A warning where the machine was busy. */
export const warning = (machine: Machine): string[] =>
  wasBusy(machine) ? ['Other programs kept the machine busy: do not quote these figures.'] : [];
