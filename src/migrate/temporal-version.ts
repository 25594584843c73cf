/** By default, since then, a workflow can be reset while its child workflows run: a terminated saga that has sent an alert. */
const least = { major: 1, minor: 27 };

export const leastTemporal = `${least.major}.${least.minor}`;

/** `version`: of a server, such as 1.29.1. False for one that says none. */
export function isTooOld(version: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return false;
  return Number(major) < least.major || (Number(major) === least.major && Number(minor) < least.minor);
}
