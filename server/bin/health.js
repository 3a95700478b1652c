// Exits 0 when the server of this machine answers its health check: for containers and process supervisors.
const port = process.env.PORT ?? '8700';
try {
  const reply = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(4000) });
  process.exit(reply.ok ? 0 : 1);
} catch {
  process.exit(1);
}
