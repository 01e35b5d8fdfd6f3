import type { FastifyInstance } from "fastify";
import { errorBody } from "./error-body.ts";

/** Answers what no route takes: 405 where another method would be taken, else 404. */
export function addUnknownPathAnswers(app: FastifyInstance): void {
  const methodsAt = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const methods = methodsAt.get(url) ?? new Set();
    methodsAt.set(url, methods);
    for (const one of [method].flat()) methods.add(one);
  });
  /** A route is a path, or everything below one: `/v1/models/*`. */
  const methodsOf = (path: string) => {
    const below = [...methodsAt.keys()].find(
      (url) => url.endsWith("/*") && path.startsWith(url.slice(0, -1)),
    );
    return methodsAt.get(path) ?? methodsAt.get(below ?? "");
  };

  app.setNotFoundHandler(({ method, url }, reply) => {
    const path = url.split("?")[0] ?? "";
    const shown = path.slice(0, 200);
    const methods = methodsOf(path);
    if (methods === undefined)
      return reply.code(404).send(errorBody("not_found", `there is no ${method} ${shown}`));
    const allowed = [...methods].join(", ");
    return reply
      .code(405)
      .header("allow", allowed)
      .send(errorBody("method_not_allowed", `${shown} takes ${allowed}, got ${method}`));
  });
}
