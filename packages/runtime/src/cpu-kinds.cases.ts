// Runs as a program of its own, also on an emulated CPU: prints the numerics of the models in its arguments.
import type { ModelThreadOptions } from "./messages.ts";
import { openModelThread } from "./model-thread.ts";
import { withNumerics } from "./numerics.ts";

for (const argument of process.argv.slice(2)) {
  const thread = await openModelThread(JSON.parse(argument) as ModelThreadOptions);
  const { info } = await withNumerics(thread);
  console.log(info.numerics);
  await thread.close();
}
