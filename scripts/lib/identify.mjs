import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const onProc = existsSync('/proc/self/stat');

/** When it started, on which boot: pids are used again, so a pid alone names no process. */
export function identify(pid) {
  try {
    return onProc ? startOnProc(pid) : startByPs(pid);
  } catch {
    return undefined;
  }
}

function startOnProc(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z') return undefined;
  return `tick ${fields[18]} of boot ${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`;
}

/** The same for whoever asks, in whatever language and time zone. */
function startByPs(pid) {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const asked = ['-o', 'lstart=', '-p', String(pid)];
  return execFileSync('ps', asked, { encoding: 'utf8', stdio: 'pipe', env }).trim() || undefined;
}
