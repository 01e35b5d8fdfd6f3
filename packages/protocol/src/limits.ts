/** Largest message either side takes or sends, in bytes: a prompt of some 300 000 token ids. */
export const maxMessageBytes = 1 << 20;

/** Largest tokenizer bundle that is sent or taken, in bytes, and how much of it a message carries. */
export const maxTokenizerBundleBytes = 64 << 20;
export const tokenizerChunkBytes = 256 << 10;

/**
 * Keepalive is a pair: a client that pings more often than the server expects is thrown out by most
 * servers. Home routers forget a silent connection after 30 s and more.
 */
export const keepalive = { timeMs: 10_000, timeoutMs: 5_000 };

/** Version of the wire protocol; the same major understands each other. */
export const protocolVersion = { major: 1, minor: 0 };
