/** Largest request of a client, in bytes: of an HTTP body, and so of a prompt in it. */
export const maxRequestBytes = 4 << 20;

/**
 * Largest gRPC message of a request, in bytes. What fits into a body fits into a message:
 * texts and token ids take no more bytes in protobuf than in JSON; the rest is for the other fields.
 */
export const maxMessageBytes = maxRequestBytes + (64 << 10);

/** Largest gRPC message of an answer, in bytes: one may repeat the prompt as text and as token ids. */
export const maxAnswerBytes = 3 * maxRequestBytes;

/** Largest tokenizer bundle that is sent or taken, in bytes, and how much of it a message carries. */
export const maxTokenizerBundleBytes = 64 << 20;
export const tokenizerChunkBytes = 256 << 10;

/**
 * Keepalive is a pair: a client that pings more often than the server expects is thrown out by most
 * servers. Home routers forget a silent connection after 30 s and more.
 */
export const keepalive = { timeMs: 10_000, timeoutMs: 5_000 };
