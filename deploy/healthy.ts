/** Ends with 0 when the service of this container is ready, for the container's health check. */
const LIMIT_MS = 2_500;

try {
  const url = `http://127.0.0.1:${process.env.MUSTER_PORT ?? 7400}/readyz`;
  const { status } = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) });
  process.exit(status === 200 ? 0 : 1);
} catch {
  process.exit(1);
}
