import { cpus, loadavg, release, totalmem, type } from 'node:os';

export interface Machine {
  processor: string;
  cores: number;
  gibibytes: number;
  system: string;
  /** The load average over a minute. The one after the run includes the benchmark. */
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

/** Whether other programs used the machine before the benchmark. */
export const wasBusy = ({ cores, load }: Machine) => load.before > cores / 2;
