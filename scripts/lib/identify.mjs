import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const onProc = existsSync('/proc/self/stat');

/** When the process started, and on which boot. Pids are reused, so a pid alone does not identify a process. */
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

/** Independent of the caller's locale and time zone. */
function startByPs(pid) {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const asked = ['-o', 'lstart=', '-p', String(pid)];
  return execFileSync('ps', asked, { encoding: 'utf8', stdio: 'pipe', env }).trim() || undefined;
}
