import { AdaedlError, type ErrorCode } from "@adaedl/core";
import { inApiWords } from "../openai/param-names.ts";

/** An error as the OpenAI API tells it. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    /** The field of the request that is meant, if one is. */
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** What is sent instead of an answer. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
}

/** The one table: what each error code is over HTTP. Clients of OpenAI try 408, 409, 429 and 5xx again. */
const statusOfCode = {
  invalid_argument: [400, "invalid_request_error"],
  out_of_range: [400, "invalid_request_error"],
  failed_precondition: [400, "invalid_request_error"],
  unauthenticated: [401, "authentication_error"],
  permission_denied: [403, "permission_error"],
  not_found: [404, "invalid_request_error"],
  aborted: [409, "conflict_error"],
  resource_exhausted: [429, "rate_limit_error"],
  cancelled: [499, "cancelled"],
  internal: [500, "server_error"],
  unimplemented: [501, "server_error"],
  unavailable: [503, "overloaded_error"],
  deadline_exceeded: [504, "timeout_error"],
} as const satisfies Readonly<Record<ErrorCode, readonly [number, string]>>;

/** The body of an error that has no field, of a request that is wrong. */
export function errorBody(code: string, message: string): ErrorBody {
  return { error: { message, type: "invalid_request_error", param: null, code } };
}

/** What a request, or a draft service, can make an error repeat. */
const maxMessageLength = 1_000;
const maxParamLength = 200;

/** @param thrown anything: what is no error of ours tells its message, and nothing else */
export function errorAnswer(thrown: unknown): ErrorAnswer {
  const ownStatus = frameworkStatus(thrown);
  const error =
    ownStatus === undefined
      ? inApiWords(AdaedlError.from(thrown))
      : new AdaedlError("invalid_argument", frameworkMessage(thrown as Error), { cause: thrown });
  const [usualStatus, type] = statusOfCode[error.code];
  const status = ownStatus ?? usualStatus;
  const { field, retryAfterMs } = error;
  const headers: Record<string, string> = {};
  if (retryAfterMs !== undefined) headers["retry-after"] = String(Math.ceil(retryAfterMs / 1000));
  if (status === 401) headers["www-authenticate"] = "Bearer";
  const message = shortened(error.message, maxMessageLength);
  const param = field === undefined ? null : shortened(field, maxParamLength);
  return { status, headers, body: { error: { message, type, param, code: codeOf(error) } } };
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 3)}...` : text;
}

/** Names that clients of OpenAI know, where there is one. */
function codeOf({ code, field }: AdaedlError): string {
  if (code === "not_found" && field === "model") return "model_not_found";
  if (code === "out_of_range") return "context_length_exceeded";
  if (code === "unauthenticated") return "invalid_api_key";
  if (code === "resource_exhausted") return "rate_limit_exceeded";
  return code;
}

/** Where the framework's own message does not name the rule. */
const frameworkMessages: Readonly<Record<string, string>> = {
  FST_ERR_BAD_URL: "the path must be percent-encoded UTF-8",
  FST_ERR_MAX_URL_LENGTH: "the path is too long",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "content-type must be application/json",
};

function frameworkMessage({ code, message }: Error & { code?: string }): string {
  return frameworkMessages[code ?? ""] ?? message;
}

/** Of what the HTTP framework refuses by itself: a body that is no JSON (400), or too large (413). */
function frameworkStatus(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || thrown instanceof AdaedlError) return undefined;
  const { statusCode } = thrown as Error & { statusCode?: number };
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}
