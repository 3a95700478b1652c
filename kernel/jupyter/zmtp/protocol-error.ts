/** What a peer sent is not ZMTP, or not what it may send here: its connection ends with these words. */
export class ZmtpError extends Error {
  override readonly name = 'ZmtpError';
}
