/** The groups of processes whose CPU and memory are measured. */
export const groups = ['application', 'engine', 'postgres'] as const;
export type Group = (typeof groups)[number];

export const eachGroup = <T>(make: (group: Group) => T): Record<Group, T> => ({
  application: make('application'),
  engine: make('engine'),
  postgres: make('postgres'),
});
