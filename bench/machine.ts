import { cpus, loadavg, release, totalmem, type } from 'node:os';

export interface Machine {
  processor: string;
  cores: number;
  gibibytes: number;
  system: string;
  /** Programs that wanted a processor, on average over a minute; the benchmark's own among the later ones. */
  load: { before: number; after: number };
}

export const loadNow = () => Number((loadavg()[0] ?? 0).toFixed(2));

export const describeMachine = (load: Machine['load']): Machine => ({
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  gibibytes: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}`,
  load,
});

/** Whether other programs kept the machine busy before the benchmark did. */
export const wasBusy = ({ cores, load }: Machine) => load.before > cores / 2;
