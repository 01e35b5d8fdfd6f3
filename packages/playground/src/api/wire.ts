/** What the gateway sends, field by field as on the wire; durations are in milliseconds. */

/** Why a token stands in the text: a draft token that was accepted, or the target's own. */
export type Origin = "accepted" | "verifier-draft" | "recovered" | "bonus" | "autoregressive";

/** A model of `GET /v1/models`. */
export interface Model {
  readonly id: string;
  readonly meta?: {
    readonly n_ctx?: number;
    readonly draft_model?: string | null;
    readonly default_policy?: string;
    readonly has_chat_template?: boolean;
    /** Numbers in the weights of target and draft; null: not known. */
    readonly n_params?: number | null;
    readonly draft_n_params?: number | null;
    /** Network time from the draft service to the verifier and back; null: not measured. */
    readonly round_trip_ms?: number | null;
    /** Emulated time of a forward of each, such as "30+1": for the forward, and for each row after the first; null: real time. */
    readonly emulated_target_ms?: string | null;
    readonly emulated_draft_ms?: string | null;
  };
}

/** What the gateway made of the request; on the first chunk. */
export interface RequestDetails {
  readonly policy: string;
  readonly verification: string;
  readonly seed: number;
  readonly temperature: number;
  readonly max_tokens: number;
  readonly num_prompt_tokens: number;
}

/** A draft token that was verified; entropy in nats, null where the draft model did not look. */
export interface DraftToken {
  readonly id: number;
  readonly text: string;
  readonly entropy: number | null;
}

/** A commit of the target and the draft tokens that were verified for it; on the chunk of its first token. */
export interface CommitDetails {
  readonly draft_tokens: readonly DraftToken[];
  readonly num_accepted: number;
  readonly draft_ms: number;
  /** Since the last commit, drafting not counted. */
  readonly wait_ms: number;
  readonly queue_ms: number;
  readonly verify_ms: number;
}

/** The likeliest path of draft tokens in flight; on chunks between those of tokens. */
export interface Frontier {
  /** Tokens on the path. */
  readonly distance: number;
  /** The path, as far as it is told: at each place its token and then its siblings, the likelier first. */
  readonly places: readonly (readonly FrontierToken[])[];
}

/** A draft token in flight, and how likely the text continues with the path to it. */
export interface FrontierToken {
  readonly id: number;
  readonly text: string;
  readonly chance: number;
}

/** The token of a chunk. Its text may hold U+FFFD where it is a part of a character. */
export interface TokenDetails {
  readonly id: number;
  readonly text: string;
  readonly origin: Origin;
  /** What had drafted it, where it is an accepted one: `model`, and tables by their names. */
  readonly drafters?: readonly string[];
  readonly entropy: number | null;
}

/** What the whole run did; on the chunk with the finish reason. */
export interface Speculation {
  readonly policy: string;
  readonly verification: string;
  readonly seed: number;
  readonly commits: number;
  readonly drafted: number;
  readonly accepted: number;
  readonly acceptance_rate: number | null;
  readonly target_forwards: number;
  readonly duration_ms: number;
}

/** One event of a streamed completion, of either endpoint. */
export interface Chunk {
  readonly choices?: readonly {
    readonly text?: string;
    readonly delta?: { readonly content?: string | null };
    readonly finish_reason?: string | null;
  }[];
  readonly adaedl?: {
    readonly request?: RequestDetails;
    readonly commit?: CommitDetails;
    readonly frontier?: Frontier;
    readonly token?: TokenDetails;
  };
  readonly speculation?: Speculation;
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
  readonly error?: { readonly message: string };
}
