/** `fsync`: acknowledged writes are on disk. `relaxed`: a power cut may lose the latest ones. */
export type Durability = 'fsync' | 'relaxed';
