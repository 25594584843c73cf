/** The services that take part in a choreographed purchase. */
export type ShopService = 'product' | 'order' | 'payment' | 'delivery';
