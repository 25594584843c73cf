/** Each has a database and a task queue of the same name. */
export const serviceNames = [
  'customer',
  'mortgage',
  'loan',
  'product',
  'order',
  'payment',
  'delivery',
] as const;
export const databaseNames = [...serviceNames, 'unwind'] as const;
export type DatabaseName = (typeof databaseNames)[number];
export type ServiceName = (typeof serviceNames)[number];

export const eachService = <T>(make: (service: ServiceName) => T): Record<ServiceName, T> => ({
  customer: make('customer'),
  mortgage: make('mortgage'),
  loan: make('loan'),
  product: make('product'),
  order: make('order'),
  payment: make('payment'),
  delivery: make('delivery'),
});

export const eachDatabase = <T>(make: (database: DatabaseName) => T): Record<DatabaseName, T> => ({
  ...eachService(make),
  unwind: make('unwind'),
});

/** The variable that moves one database elsewhere. */
export const variableOf = (database: DatabaseName) => `${database.toUpperCase()}_DATABASE_URL`;

/** The variable that sets a service's own port. */
export const portVariableOf = (service: string) => `${service.toUpperCase()}_PORT`;
