/** What every API of a test's own is made with. */
export const apiSettings = { auth: 'off', temporalUiUrl: 'http://ui', alertAfter: 'PT5M' } as const;
