/**
 * Some browsers call their language by a name that the language standard does not know (`en-US@posix`, on systems without
 * a locale). The plotting library formats numbers with that name while it is being loaded, and would fail. Import this
 * before it.
 */
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
}

export {};
