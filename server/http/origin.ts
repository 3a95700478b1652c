/** Whether a request comes from a page of this server. Browsers say so in `Origin`; programs send none and are let be. */

/** True when there is no `Origin`, or it names the host that the request was sent to. */
export function sameOrigin(headers: { origin?: string | undefined; host?: string | undefined }): boolean {
  if (headers.origin === undefined) return true;
  try {
    return new URL(headers.origin).host === headers.host?.toLowerCase();
  } catch {
    return false; // `null`, of a sandboxed frame: an output's own script
  }
}
