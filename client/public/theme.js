// Runs before the first paint, so that a chosen theme never flashes the other one. The rest is in components/theme.ts.
try {
  const chosen = localStorage.getItem('trialroom.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is forbidden here: the system's theme it is.
}
