/** Whoever takes traces at a port of this machine, until it is disposed of. */
export interface TraceListener extends AsyncDisposable {
  readonly port: number;
}

/** Looks at one request of OTLP in protobuf. @throws when it is none, which is answered */
export type TakeTraces = (message: Uint8Array) => void;
