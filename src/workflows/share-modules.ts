/** Of webpack, whose modules the bundle is made of: each by its path, and those that were loaded with their exports. */
declare const __webpack_modules__: Record<string, unknown>;
declare const __webpack_module_cache__: Record<string, object | undefined>;

/**
 * Temporal's SDK freezes whatever lies in the modules that workflows share, unless it is frozen already. Schemas fill
 * in parts of themselves when they are first used, so the modules that hold them are frozen by name alone.
 */
for (const path of Object.keys(__webpack_modules__)) {
  const isOurs = !path.includes('node_modules') || path.includes('node_modules/zod/');
  const loaded = __webpack_module_cache__[path];
  if (isOurs && loaded) Object.freeze(loaded);
}
