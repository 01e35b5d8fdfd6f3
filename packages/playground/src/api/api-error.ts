/** Why a request brought no text. */
export class ApiError extends Error {
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** Whether the same request may well succeed later. */
  readonly isTemporary: boolean;

  constructor(status: number, message: string, isTemporary = isTemporaryStatus(status)) {
    super(message);
    this.status = status;
    this.isTemporary = isTemporary;
  }
}

/** No answer, too many requests, or a failure of the gateway's own. */
function isTemporaryStatus(status: number): boolean {
  return status === 0 || status === 429 || status >= 500;
}

/** Reads the refusal out of a response that is not ok. */
export async function refusal(response: Response): Promise<ApiError> {
  const said = messageIn(await response.text().catch(() => ""));
  const retryAfter = response.headers.get("retry-after");
  // The header may also hold a date, which nobody wants to read.
  const hint = retryAfter?.match(/^\d+$/) ? ` Try again in ${retryAfter} s.` : "";
  const message = said ?? `The gateway answered ${response.status} ${response.statusText}`.trim();
  return new ApiError(response.status, `${message}${hint}`);
}

/** The message of a JSON body of the form `{error: {message}}`. */
function messageIn(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: { message?: unknown } };
    return typeof error?.message === "string" ? error.message : undefined;
  } catch {
    return undefined;
  }
}
