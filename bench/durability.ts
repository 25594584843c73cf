/** `fsync`: what an engine has said is on disk. `relaxed`: a power cut may lose the last moments, a crash does not. */
const durabilities = ['fsync', 'relaxed'] as const;
export type Durability = (typeof durabilities)[number];
