import type { Durability } from '../durability.ts';
import { wasBusy } from '../machine.ts';
import type { Comparison } from '../ratios.ts';
import type { Phase, Results } from '../results.ts';
import { tables } from './table.ts';

const titles: Record<Durability, string> = {
  fsync: 'Everything on disk: what an engine has acknowledged survives a power cut',
  relaxed: 'Relaxed: a power cut may lose the last moments',
};

/** What was measured, on what, and how it compares. */
export function reportOf(results: Results, subject: string, comparisons: Comparison[]): string {
  const { machine, versions, phases } = results;
  const { processor, cores, gibibytes, system, load } = machine;
  return [
    `Machine   ${processor}, ${cores} cores, ${gibibytes} GiB, ${system}; load ${load.before} before, ${load.after} after`,
    `Versions  ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
    ...phases.flatMap((phase) => ['', ...phaseLines(phase, subject)]),
    '',
    ...comparisons.map(comparisonLine),
    ...(system.startsWith('Linux') ? [] : ['CPU and memory: not measured, which needs the /proc of Linux.']),
    ...(wasBusy(machine) ? ['Other programs kept the machine busy: do not quote these figures.'] : []),
  ].join('\n');
}

const phaseLines = (phase: Phase, subject: string) => [
  `== ${titles[phase.durability]} ==`,
  ...phase.servers.map(({ title, version, durability }) => `${title} ${version}: ${durability}`),
  ...Object.entries(phase.left_out).map(([what, why]) => `Left out: ${what}. ${why}`),
  `Arrivals: ${phase.arrivals_per_second} sagas a second, at the same moments for everyone`,
  '',
  tables(phase.lines, subject),
];

function comparisonLine({ subject, ...found }: Comparison): string {
  const by = (peer: string | null) => (peer === null ? 'no peer was measured' : `the best peer, ${peer}`);
  return [
    `${subject}, granted, to disk:`,
    `sagas/s ${ratio(found.throughput_vs_best_peer)} of ${by(found.best_peer_by_throughput)};`,
    `p50 ${ratio(found.p50_vs_best_peer)} of ${by(found.best_peer_by_p50)};`,
    `sagas/s ${ratio(found.throughput_vs_noop)} of a workflow that does nothing`,
  ].join(' ');
}

const ratio = (value: number | null) => (value === null ? '–' : `${value.toFixed(2)} ×`);
