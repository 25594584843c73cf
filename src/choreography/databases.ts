/** The services that take part in a choreographed purchase. */
export const shopServices = ['product', 'order', 'payment', 'delivery'] as const;
export type ShopService = (typeof shopServices)[number];
