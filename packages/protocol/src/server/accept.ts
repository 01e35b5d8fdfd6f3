import type { Http2Server, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { Server, ServerCredentials } from "@grpc/grpc-js";
import { networkOf } from "../security/network-of.ts";
import type { Callers } from "./callers.ts";

/** How long a connection has to send its first bytes. */
const firstBytesMs = 10_000;
/** How often calls are counted that are refused before anybody hears of them. */
const refusedCallsMs = 50;
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
  for (const each of http2Servers.keys()) {
    each.prependListener("session", (session) => countCalls(session, callers));
    each.prependListener("stream", forgetWhenOver);
  }
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

/** Ends the session with a call too many: not its socket, so that what is read already is not looked at either. */
function countCalls(session: ServerHttp2Session, callers: Callers): void {
  const address = addressOf(session.socket);
  let numCounted = 0;
  const count = (numCalls: number) => {
    numCounted += numCalls;
    if (!callers.call(address, numCalls)) session.destroy();
  };
  session.prependListener("stream", () => count(1));
  // A call whose header Node refuses is no event, and costs as much: its id is used up all the same.
  const timer = setInterval(() => {
    const numBegun = Math.ceil((session.state.lastProcStreamID ?? 0) / 2); // a client's ids are odd
    if (numBegun > numCounted) count(numBegun - numCounted);
  }, refusedCallsMs).unref();
  session.once("close", () => clearInterval(timer));
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
