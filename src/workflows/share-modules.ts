/** The bundle's modules and the loaded ones' exports, by path. */
declare const __webpack_modules__: Record<string, unknown>;
declare const __webpack_module_cache__: Record<string, object | undefined>;

/**
 * Temporal's SDK deep-freezes the modules that workflows share, except for exports that are already frozen. Zod schemas
 * initialise lazily, so their modules are frozen shallowly here.
 */
for (const path of Object.keys(__webpack_modules__)) {
  const isOurs = !path.includes('node_modules') || path.includes('node_modules/zod/');
  const loaded = __webpack_module_cache__[path];
  if (isOurs && loaded) Object.freeze(loaded);
}
