import { type KubeObject, ofKind, specOf } from "./kubernetes-objects.ts";

interface IngressSpec {
  readonly tls?: readonly { readonly secretName: string }[];
  readonly rules: readonly { readonly http: { readonly paths: readonly IngressPath[] } }[];
}

interface IngressPath {
  readonly path: string;
  readonly backend: { readonly service: { readonly name: string; readonly port: Port } };
}

interface Port {
  readonly name?: string;
  readonly number?: number;
}

interface RouteSpec {
  readonly rules: readonly {
    readonly matches: readonly { readonly path: { readonly value: string } }[];
    readonly backendRefs: readonly { readonly name: string; readonly port: number }[];
  }[];
}

/** A way in from outside: the paths of the gateway that it opens, and the Service ports behind them. */
interface Route {
  readonly paths: readonly string[];
  readonly backends: readonly { readonly name: string; readonly port: Port }[];
}

/** The API, its description, and the page with its files. Metrics and probes are for the cluster. */
const publicPaths = ["/", "/openapi.json", "/playground", "/v1"];

/** Ways in that lead nowhere, open too much or too little, or have no certificate. */
export function routeProblems(
  objects: readonly KubeObject[],
  documented: ReadonlySet<string>,
): string[] {
  const ingresses = ofKind(objects, "Ingress").flatMap((ingress) => {
    const { tls = [], rules } = specOf<IngressSpec>(ingress);
    const paths = rules.flatMap(({ http }) => http.paths);
    const problems = tls
      .filter(({ secretName }) => !documented.has(`${secretName}/tls.crt`))
      .map(({ secretName }) => `nobody makes the Secret ${secretName}`);
    if (tls.length === 0) problems.push("has no certificate");
    const route = {
      paths: paths.map(({ path }) => path),
      backends: paths.map(({ backend }) => backend.service),
    };
    return labelled(ingress, [...problems, ...problemsOf(route, objects)]);
  });
  const routes = ofKind(objects, "HTTPRoute").flatMap((object) => {
    const { rules } = specOf<RouteSpec>(object);
    const route = {
      paths: rules.flatMap(({ matches }) => matches.map(({ path }) => path.value)),
      backends: rules
        .flatMap(({ backendRefs }) => backendRefs)
        .map(({ name, port }) => ({ name, port: { number: port } })),
    };
    return labelled(object, problemsOf(route, objects));
  });
  return [...ingresses, ...routes];
}

const labelled = ({ kind, metadata }: KubeObject, problems: readonly string[]) =>
  problems.map((problem) => `${kind} ${metadata.name}: ${problem}`);

function problemsOf({ paths, backends }: Route, objects: readonly KubeObject[]): string[] {
  const lost = backends.filter(({ name, port }) => !hasPort(name, port, objects));
  return [
    ...lost.map(({ name, port }) => `there is no Service ${name}:${port.name ?? port.number}`),
    ...paths.filter((path) => !publicPaths.includes(path)).map((path) => `opens ${path}`),
    ...publicPaths.filter((path) => !paths.includes(path)).map((path) => `does not open ${path}`),
  ];
}

function hasPort(service: string, wanted: Port, objects: readonly KubeObject[]): boolean {
  return ofKind(objects, "Service").some(
    (object) =>
      object.metadata.name === service &&
      specOf<{ ports: readonly { name: string; port: number }[] }>(object).ports.some(
        ({ name, port }) => name === wanted.name || port === wanted.number,
      ),
  );
}
