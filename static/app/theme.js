// Runs before the page is painted, so that a chosen theme does not flash. The documentation uses the same setting.
try {
  const theme = localStorage.getItem('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch { /* Without storage, the system's setting holds. */ }
