/** How long a wait lasts before the client is sent the first progress, and between two of them. */
const everyMs = 250;

/**
 * Sends progress while an answer is awaited, whenever the model has completed forwards since the last
 * message. A model that completes none is stuck, and nothing is sent.
 * @param numForwards forwards completed so far
 * @param send rejects when the stream is over; its reader gets that error as well
 */
export function startProgress(numForwards: () => number, send: () => Promise<void>) {
  let numReported = numForwards();
  let isSending = false;
  const timer = setInterval(async () => {
    const numCompleted = numForwards();
    if (isSending || numCompleted === numReported) return;
    numReported = numCompleted;
    isSending = true;
    await send().catch(() => {});
    isSending = false;
  }, everyMs);
  return {
    /** The client was sent something else: no progress for a while. */
    restart: () => void timer.refresh(),
    end: () => clearInterval(timer),
  };
}
