import type { Http2Server, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { Server, ServerCredentials } from "@grpc/grpc-js";
import { networkOf } from "../security/network-of.ts";
import type { Callers } from "./callers.ts";

/** How long a connection has to send its first bytes. */
const firstBytesMs = 10_000;
/** How long, in milliseconds, a client has to end its side of a call that is over. */
const forgetMs = 1_000;

/** Takes connections for a server, as many as `callers` lets in, with as many calls. */
export function createAcceptor(
  server: Server,
  credentials: ServerCredentials,
  callers: Callers,
): (socket: Socket) => void {
  const injector = server.createConnectionInjector(credentials);
  // The library keeps the server behind it to itself.
  const { http2Servers } = server as unknown as {
    readonly http2Servers: ReadonlyMap<Http2Server, unknown>;
  };
  for (const each of http2Servers.keys())
    each.prependListener("stream", (stream) => {
      // The session, not its socket: what is read already is then not looked at either.
      if (!callers.call(addressOf(stream.session?.socket))) stream.session?.destroy();
      forgetWhenOver(stream);
    });
  return (socket) => {
    const address = addressOf(socket);
    socket.on("error", () => {}); // its HTTP/2 session hears of it, once there is one
    if (!callers.connect(address)) {
      socket.destroy();
      return;
    }
    const timer = setTimeout(() => {
      if (socket.bytesRead === 0) socket.destroy();
    }, firstBytesMs).unref();
    socket.once("close", () => {
      clearTimeout(timer);
      callers.disconnect(address);
    });
    injector.injectConnection(socket);
  };
}

function addressOf(socket: Pick<Socket, "remoteAddress"> | undefined): string {
  return networkOf(socket?.remoteAddress ?? "");
}

/** Closes a stream some time after its status was sent: a client that keeps its own side open would keep it for ever. */
function forgetWhenOver(stream: ServerHttp2Stream): void {
  const over = () => {
    const timer = setTimeout(() => stream.close(), forgetMs);
    stream.once("close", () => clearTimeout(timer));
  };
  stream.once("wantTrailers", over);
  stream.once("finish", () => {
    const { ":status": httpStatus, "grpc-status": grpcStatus } = stream.sentHeaders ?? {};
    if (httpStatus !== 200 || grpcStatus !== undefined) over(); // there will be no trailers
  });
}
