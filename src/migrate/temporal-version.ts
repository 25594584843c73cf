/** An operator gives up a terminated saga by an Update-with-Start, which is on by default since then. */
const least = { major: 1, minor: 26 };

export const leastTemporal = `${least.major}.${least.minor}`;

/** `version`: of a server, such as 1.29.1. False for one that says none. */
export function isTooOld(version: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return false;
  return Number(major) < least.major || (Number(major) === least.major && Number(minor) < least.minor);
}
