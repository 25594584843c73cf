/** Whose processors and memory a contender's sagas take. */
export const groups = ['application', 'engine', 'postgres'] as const;
export type Group = (typeof groups)[number];

/** Something for each group, as `make` makes it. */
export const eachGroup = <T>(make: (group: Group) => T): Record<Group, T> => ({
  application: make('application'),
  engine: make('engine'),
  postgres: make('postgres'),
});
