import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Frame types of RFC 9113, section 6, and the flags that are used here. */
export const frameType = {
  ...{ data: 0, headers: 1, priority: 2, resetStream: 3, settings: 4 },
  ...{ ping: 6, goAway: 7, windowUpdate: 8, continuation: 9 },
} as const;
export const endHeaders = 4;
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** A frame, whether or not it makes sense where it is sent. */
export function frame(
  type: keyof typeof frameType,
  payload: Uint8Array,
  { flags = 0, streamId = 0 } = {},
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(frameType[type], 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** HPACK (RFC 7541) of a header field that is in no table. */
export function headerField(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), hpackString(name), hpackString(value)]);
}

/** HPACK of the header of a gRPC call. */
export function callHeader(path: string): Buffer {
  const post = Buffer.from([0x83]);
  const http = Buffer.from([0x86]);
  const fields = [
    ...[headerField(":path", path), headerField(":authority", "127.0.0.1")],
    ...[headerField("content-type", "application/grpc"), headerField("te", "trailers")],
  ];
  return Buffer.concat([post, http, ...fields]);
}

/** A string without Huffman coding. */
function hpackString(text: string): Buffer {
  if (text.length < 127) return Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
  const length = [127];
  let rest = text.length - 127;
  for (; rest > 127; rest >>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), Buffer.from(text)]);
}

/** A number in big-endian bytes. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A connection on which frames are written by hand; what comes back is thrown away. */
export interface RawConnection extends Disposable {
  /** Whether the server ended it. */
  readonly isEnded: boolean;
  /** Writes, and waits while the server does not read. @returns false once the connection is over */
  write(bytes: Uint8Array): Promise<boolean>;
}

/** Connects, and says the preface and these settings. */
export async function connectRaw(
  address: string,
  { settings = new Uint8Array(0), reads = true, saysPreface = true } = {},
): Promise<RawConnection> {
  const [host = "", port] = address.split(":");
  const socket: Socket = connect({ host, port: Number(port), localAddress: "127.0.0.9" });
  let isEnded = false;
  socket
    .on("error", () => {})
    .on("close", () => {
      isEnded = true;
    });
  await once(socket, "connect").catch(() => {}); // ended before it began
  if (reads) socket.on("end", () => socket.destroy()).resume();
  if (saysPreface) socket.write(Buffer.concat([preface, frame("settings", settings)]));
  return {
    get isEnded() {
      return isEnded;
    },
    async write(bytes) {
      if (isEnded || socket.destroyed) return false;
      if (!socket.write(bytes)) {
        const waited = new AbortController();
        const signal = AbortSignal.any([waited.signal, AbortSignal.timeout(1_000)]);
        const isWritable = [once(socket, "drain", { signal }), once(socket, "close", { signal })];
        for (const waiting of isWritable) waiting.catch(() => {});
        await Promise.race(isWritable).catch(() => {});
        waited.abort();
      }
      return !isEnded;
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}
