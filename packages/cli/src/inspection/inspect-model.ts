import { stat } from "node:fs/promises";
import { AdaedlError, defaultDraftWeights, throwIfAborted } from "@adaedl/core";
import { openSpeculator } from "@adaedl/engine";
import {
  countParameters,
  findModelSource,
  loadTokenizer,
  readGenerationDefaults,
} from "@adaedl/model";
import { directorySize } from "./directory-size.ts";
import { inspectWeights } from "./inspect-weights.ts";
import type { ModelReport, NamedToken } from "./model-report.ts";
import { readModelType } from "./model-type.ts";

/**
 * Looks at everything in a model directory that can keep it from running, except the values of the
 * weights. An exported graph is opened: only onnxruntime knows whether it can run it.
 * @throws AdaedlError when there is no such directory, or the signal aborts
 */
export async function inspectModel(directory: string, signal: AbortSignal): Promise<ModelReport> {
  const problems: string[] = [];
  const attempt = async <T>(read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      throwIfAborted(signal);
      problems.push(AdaedlError.from(error).message);
      return null;
    }
  };

  const isDirectory = (await stat(directory).catch(() => undefined))?.isDirectory() ?? false;
  const find = () => findModelSource(directory);
  const source = isDirectory ? await attempt(find) : await find();
  const spec = source?.format === "safetensors" ? source.spec : null;
  const sizes = source?.format === "onnx-export" ? source : spec;
  const weights = spec && (await inspectWeights(directory, spec, attempt));
  const numUsed = weights && (await attempt(() => countParameters(directory)));
  if (source?.format === "onnx-export")
    await attempt(async () => (await openSpeculator({ target: { directory } }, signal)).close());

  const tokenizer = await attempt(() => loadTokenizer(directory));
  const defaults = await attempt(() => readGenerationDefaults(directory));
  const named = (id: number): NamedToken => ({ id, token: tokenizer?.tokenOf(id) ?? null });
  const bosTokenId = tokenizer?.bosTokenId;
  const chatTemplateProblem = tokenizer?.chatTemplate?.problem ?? null;

  return {
    directory,
    format: source?.format ?? null,
    architecture: spec?.architecture ?? (await readModelType(directory)),
    numParameters: weights?.numParameters ?? null,
    weightTypes: weights?.types ?? null,
    preparedBytes: weights?.preparedBytes ?? null,
    kvBytesPerToken: spec && 2 * spec.numLayers * spec.numKeyValueHeads * spec.headDim * 4,
    draftWeights: numUsed === null ? null : defaultDraftWeights(numUsed),
    numLayers: spec?.numLayers ?? null,
    hiddenSize: spec?.hiddenSize ?? null,
    numHeads: spec?.numHeads ?? null,
    numKeyValueHeads: spec?.numKeyValueHeads ?? null,
    headDim: spec?.headDim ?? null,
    vocabSize: sizes?.vocabSize ?? null,
    contextLength: sizes?.contextLength ?? null,
    ropeType: spec?.ropeType ?? null,
    parallelDrafting: source?.parallel ?? null,
    tokenizerKind: tokenizer?.kind ?? null,
    tokenizerSize: tokenizer?.vocabSize ?? null,
    bosToken: bosTokenId === undefined ? null : named(bosTokenId),
    eosTokens: (defaults?.eosTokenIds ?? []).map(named),
    hasChatTemplate:
      tokenizer && tokenizer.chatTemplate !== undefined && chatTemplateProblem === null,
    chatTemplateProblem,
    sizeBytes: await directorySize(directory),
    runs: problems.length === 0,
    problems: [...new Set(problems)],
  };
}
