// A supervisor in a process of its own, for tests that kill it.
import { takeHome } from '../../scripts/stack/home.ts';
import { createSupervisor } from '../../scripts/stack/supervisor.ts';

const home = await takeHome(process.argv[2] ?? '', console.log);
const supervisor = createSupervisor({ home, log: console.log });
const script = 'trap "" TERM HUP; echo ready; while :; do sleep 0.1; done';
supervisor.start({ name: 'first', command: '/bin/sh', args: ['-c', 'echo ready; exec sleep 600'] });
supervisor.start({ name: 'stubborn', command: '/bin/sh', args: ['-c', script], stopSignal: 'SIGKILL' });
