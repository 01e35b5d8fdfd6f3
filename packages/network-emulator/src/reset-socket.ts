import type { Socket } from "node:net";

/** Closes a socket so that its peer sees a reset (RST), whatever is still in its buffers. */
export function resetSocket(socket: Socket): void {
  if (socket.destroyed) return;
  const isShuttingDown =
    socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  // Node would wait for the connection to open, which may be never.
  if (socket.connecting) socket.destroy();
  // Node can't reset while a FIN is on its way out, and would leak the socket.
  else if (isShuttingDown) socket.once("finish", () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}
