import type { Durability } from '../durability.ts';
import type { Comparison } from '../ratios.ts';
import type { Phase, Results } from '../results.ts';
import { machineLines, warning } from './machine.ts';
import { tables } from './table.ts';

export const durabilities: Record<Durability, string> = {
  fsync: 'Everything on disk: what an engine has acknowledged survives a power cut',
  relaxed: 'Relaxed: a power cut may lose the last moments',
};

/** The results as text. */
export function reportOf(results: Results, subject: string, comparisons: Comparison[]): string {
  const { machine, versions, phases } = results;
  return [
    ...machineLines(machine, versions),
    ...phases.flatMap((phase) => ['', ...phaseLines(phase, subject)]),
    '',
    ...comparisons.flatMap(comparisonLine),
    ...missingLine(comparisons),
    ...(machine.system.startsWith('Linux')
      ? []
      : ['CPU and memory: not measured, which needs the /proc of Linux.']),
    ...warning(machine),
  ].join('\n');
}

const phaseLines = (phase: Phase, subject: string) => [
  `== ${durabilities[phase.durability]} ==`,
  ...phase.servers.map(({ title, version, durability }) => `${title} ${version}: ${durability}`),
  ...Object.entries(phase.left_out).map(([what, why]) => `Left out: ${what}. ${why}`),
  `Arrivals: ${phase.arrivals_per_second} sagas a second, at the same moments for everyone`,
  '',
  tables(phase.lines, subject),
];

/** Empty where there is nothing to compare. */
function comparisonLine({ subject, ...found }: Comparison): string[] {
  const { best_peer_by_throughput: most, best_peer_by_p50: quickest } = found;
  const parts = [
    `sagas/s ${ratio(found.throughput_vs_best_peer)} the best peer's${most === null ? '' : ` (${most})`}`,
    `p50 ${ratio(found.p50_vs_best_peer)} the best peer's${quickest === null ? '' : ` (${quickest})`}`,
    `sagas/s ${ratio(found.throughput_vs_noop)} those of a workflow that does nothing`,
  ].filter((sentence) => !sentence.includes('–'));
  return parts.length === 0 ? [] : [`${subject}, granted, to disk: ${parts.join('; ')}`];
}

const missingLine = ([first]: Comparison[]) =>
  first?.missing_peers.length
    ? [`No ratio to the best peer, which may be among those left out: ${first.missing_peers.join(', ')}`]
    : [];

const ratio = (value: number | null) => (value === null ? '–' : `${value.toFixed(2)} ×`);
