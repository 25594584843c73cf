/** `fsync`: what an engine has acknowledged is on disk. `relaxed`: a power cut may lose the last moments. */
export type Durability = 'fsync' | 'relaxed';
