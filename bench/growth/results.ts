import type { Machine } from '../machine.ts';
import type { Placement } from '../servers/api.ts';
import type { fill } from './fill.ts';
import type { Memory, PerProcess } from './processes.ts';
import type { Reads } from './reads.ts';
import type { Disk } from './sizes.ts';
import type { Times } from './times.ts';
import type { Restart } from './wake.ts';
import type { Throughput } from './workers.ts';

interface History {
  events: number;
  bytes: number;
}

export interface GrowthResults {
  at: string;
  commit: string;
  machine: Machine;
  versions: Record<string, string>;
  /** Sagas that wait while the rest is measured. */
  sagas: number;
  placement: Placement;
  fill: Omit<Awaited<ReturnType<typeof fill>>, 'ids'> & { cpu_ms_per_saga: PerProcess<number> };
  memory: PerProcess<Memory>;
  disk: Disk;
  /** As Temporal reports them for one saga. */
  history: { waiting: History; completed: History };
  at_rest: { seconds: number; cpu_ms_per_second: PerProcess<number> };
  reads: Reads;
  wake: Times;
  restart: Restart;
  throughput: Throughput[];
  /** Of immediately granted sagas: bytes per ended saga. */
  disk_of_ended: Disk & { sagas: number };
}
