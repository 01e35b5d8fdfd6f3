// One version: package.json has it, and `npm run generate` writes it wherever else it stands: manifests of all
// packages, the lockfile, images, deploy/, docs/. `npm run generated` fails where another one is left.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const anyVersion = String.raw`\d+\.\d+\.\d+(?:-[\w.]+)?`;
const isCheck = process.argv.includes("--check");

const manifests = ["packages", "services"]
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .concat("proto")
  .map((folder) => join(folder, "package.json"));
const filesOf = (folder: string, ends: RegExp) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => ends.test(file))
    .map((file) => join(folder, file));

/** What stands before a version of ours, by the files it stands in. */
const places: readonly (readonly [files: readonly string[], before: RegExp])[] = [
  [manifests, /^ {2}"version": "|"@adaedl\/[\w-]+": "/],
  [
    ["package-lock.json"],
    /"name": "(?:adaedl|@adaedl\/[\w-]+)",\n\s+"version": "|"@adaedl\/[\w-]+": "/,
  ],
  [
    [...filesOf("deploy", /(?:Dockerfile|\.yaml|\.example)$/), ...filesOf("docs", /\.md$/)],
    // An image's tag, a build argument, the variable of Compose, the label of Kubernetes.
    /adaedl\/[\w-]+(?::|, newTag: )|VERSION(?::-|=)|app\.kubernetes\.io\/version: /,
  ],
];

let numPlaces = 0;
for (const [files, before] of places) {
  const pattern = new RegExp(`(${before.source})${anyVersion}`, "gm");
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    const written = text.replace(pattern, (_, prefix: string) => {
      numPlaces++;
      return prefix + version;
    });
    if (written === text) continue;
    if (!isCheck) writeFileSync(file, written);
    else {
      console.error(`${file} has another version than package.json, ${version}: npm run generate`);
      process.exitCode = 1;
    }
  }
}
console.log(`version ${version} in ${numPlaces} places`);
