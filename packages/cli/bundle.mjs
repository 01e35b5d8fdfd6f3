// The command in a few files, from those that tsc has built: docs/decisions/0021.

import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));
const folder = pathOf("dist/bundle");

/** A module in a bundle still finds the files that lie beside it: .proto files, models, pages. */
const whereItWas = {
  name: "where-it-was",
  setup({ onLoad }) {
    onLoad({ filter: /\.[cm]?js$/ }, async ({ path }) => {
      if (path.endsWith("worker-entry.js")) return undefined; // it looks for a thread that is in the bundle
      const code = await readFile(path, "utf8");
      const urlOf = (file) =>
        `new URL(${JSON.stringify(relative(folder, file).replaceAll("\\", "/"))}, bundleUrl)`;
      return {
        contents: code
          .replaceAll("import.meta.url", `${urlOf(path)}.href`)
          .replaceAll(/(?<![\w.])__dirname\b/g, `bundlePath(${urlOf(dirname(path))})`),
      };
    });
  },
};

/** Imported, a CommonJS module is read once more to find out its names: a third of what loading it takes. */
const required = {
  name: "required",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^onnxruntime-node$/ }, ({ path, kind }) =>
      kind === "require-call" ? { path, external: true } : { path, namespace: "required" },
    );
    onLoad({ filter: /./, namespace: "required" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      resolveDir: folder,
    }));
  },
};

/** Libraries that come in one piece, cut to what is used: one store of limits, and nothing of YAML. */
const partsOf = {
  "rate-limiter-flexible": `exports.RateLimiterMemory = require("rate-limiter-flexible/lib/RateLimiterMemory.js");`,
  yaml: "",
};
const parts = {
  name: "parts",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(rate-limiter-flexible|yaml)$/ }, ({ path, resolveDir }) => ({
      path,
      namespace: "parts",
      pluginData: resolveDir,
    }));
    onLoad({ filter: /./, namespace: "parts" }, ({ path, pluginData }) => ({
      contents: partsOf[path],
      resolveDir: pluginData,
    }));
  },
};

const { metafile } = await build({
  entryPoints: {
    main: pathOf("dist/main.js"),
    "worker/worker-main": pathOf("../runtime/dist/worker/worker-main.js"),
    "worker/training-main": pathOf("../learning/dist/worker/training-main.js"),
    "worker/tokenizer-main": pathOf("../runtime/dist/worker/tokenizer-main.js"),
  },
  outdir: folder,
  bundle: true,
  keepNames: true, // errors are told by the names of their classes
  // A third less to read and compile at each start; names stay as they are, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  splitting: true, // what a command loads only when it needs it stays apart
  platform: "node",
  format: "esm",
  target: "node20",
  // A native library; and CommonJS modules that are imported when they are needed (see below).
  external: [
    ...["prom-client", "@opentelemetry/*"],
    // Never loaded: our own compilers take their place, and nothing is injected.
    ...["@fastify/ajv-compiler", "@fastify/fast-json-stringify-compiler", "light-my-request"],
  ],
  banner: {
    js: [
      `import { createRequire as bundleRequire } from "node:module";`,
      `import { fileURLToPath as bundlePath } from "node:url";`,
      "const bundleUrl = import.meta.url;",
      "const require = bundleRequire(bundleUrl); // for CommonJS modules",
    ].join("\n"),
  },
  plugins: [whereItWas, required, parts],
  absWorkingDir: pathOf("."),
  metafile: true,
  logLevel: "warning",
});

// A bundled CommonJS module that is imported dynamically has its default export only.
for (const { entryPoint } of Object.values(metafile.outputs))
  if (entryPoint !== undefined && metafile.inputs[entryPoint]?.format === "cjs")
    throw new Error(
      `${entryPoint} is CommonJS and imported dynamically: make its package external`,
    );

// Of zod's namespace imported by its name, esbuild keeps everything: each thread would read 440 kB more.
for (const { inputs } of Object.values(metafile.outputs))
  for (const [file, { bytesInOutput }] of Object.entries(inputs))
    if (bytesInOutput > 0 && /\/zod\/.*\/locales\/(?!en\.|index\.)/.test(file))
      throw new Error(
        `${file} is in the bundle: import zod as \`* as z\`, and use its members alone`,
      );

// Names change with contents: those of earlier builds go.
const built = new Set(Object.keys(metafile.outputs).map((file) => join(pathOf("."), file)));
for (const file of await readdir(folder)) {
  const path = join(folder, file);
  if (file.endsWith(".js") && !built.has(path)) await rm(path);
}
