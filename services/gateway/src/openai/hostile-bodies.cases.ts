/** A body that could cost more to look at than it should; each is refused. */
export interface HostileBody {
  readonly what: string;
  readonly path: "/v1/completions" | "/v1/chat/completions";
  readonly body: string;
}

/** The largest body that a gateway takes unless it is told otherwise. */
const bodyBytes = 1 << 20;
/** As many fields as are parsed, with those around them. */
const manyFields = 32_700;

const fill = (item: string, room = bodyBytes - 256): string =>
  Array(Math.floor(room / (item.length + 1)))
    .fill(item)
    .join(",");
const numbered = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join(",");
const nested = (open: string, close: string, inner = "1"): string => {
  const depth = Math.floor((bodyBytes - 256) / (open.length + close.length));
  return open.repeat(depth) + inner + close.repeat(depth);
};
const digits = "7".repeat(bodyBytes - 256);
const letters = "m".repeat(bodyBytes - 256);

const fields = (count: number, field = (index: number) => `"x${index}":1`) =>
  numbered(count, field);
/** Keys that are integers, whose hashes V8 makes of their values: these fall into few buckets. */
const colliding = (index: number) => `"${(index >> 7) + ((index & 127) << 17)}":0`;

const completions: Readonly<Record<string, string>> = {
  "a prompt of empty lists": `{"prompt":[${fill("[]")}]}`,
  "a prompt of nulls": `{"prompt":[${fill("null")}]}`,
  "a prompt whose last token id is wrong": `{"prompt":[${fill("0")},1.5]}`,
  "prompts whose last token id is wrong": `{"prompt":[${fill(`[${fill("0", 16_000)}]`)},[-1]]}`,
  "empty prompts": `{"prompt":[${fill('""')}]}`,
  "numbers that take long to read": `{"prompt":[${fill("2.2250738585072011e-308")}]}`,
  "a number of a million digits": `{"prompt":${digits}}`,
  "a fraction of a million digits": `{"prompt":"a","top_p":1.${digits}}`,
  "an exponent of a million digits": `{"prompt":"a","seed":1e${digits}}`,
  "lists in lists": `{"prompt":${nested("[", "]")}}`,
  "lists in lists in an unknown field": `{"prompt":"a","x":${nested("[", "]")}}`,
  "lists in lists without an end": `{"prompt":${"[".repeat(bodyBytes - 256)}`,
  "objects in objects": `{"prompt":${nested('{"a":', "}")}}`,
  "objects in objects as biases": `{"prompt":"a","logit_bias":${nested('{"1":', "}")}}`,
  "stop strings that are numbers": `{"prompt":"a","stop":[${fill("0")}]}`,
  "empty stop strings": `{"prompt":"a","stop":[${fill('""')}]}`,
  "too many stop strings": `{"prompt":"a","stop":[${fill('"a"')}]}`,
  "too many biases": `{"prompt":"a","logit_bias":{${fields(90_000, (i) => `"${i}":1`)}}}`,
  "biases within what is parsed": `{"prompt":"a","logit_bias":{${fields(manyFields, (i) => `"${i}":1`)}}}`,
  "biases on no token": `{"prompt":"a","logit_bias":{${fields(manyFields)}}}`,
  "a bias on __proto__": '{"prompt":"a","logit_bias":{"__proto__":1}}',
  "biases whose keys collide": `{"prompt":"a","logit_bias":{${fields(manyFields, colliding)}}}`,
  "unknown fields": `{"prompt":"a",${fields(80_000)}}`,
  "unknown fields within what is parsed": `{"prompt":"a",${fields(manyFields)}}`,
  "null fields": `{"prompt":1,${fields(manyFields, (i) => `"x${i}":null`)}}`,
  "unknown fields that are integers": `{"prompt":"a",${fields(manyFields, (i) => `"${i * 5_000}":1`)}}`,
  "unknown fields whose keys collide": `{"prompt":"a",${fields(manyFields, colliding)}}`,
  "one field again and again": `{${Array(manyFields).fill('"prompt":0').join(",")}}`,
  "__proto__ again and again": `{"prompt":"a",${fields(manyFields, () => '"__proto__":1')}}`,
  "a prototype": '{"prompt":"a","__proto__":{"stream":true}}',
  "a constructor": '{"prompt":"a","constructor":{"prototype":{"stream":true}}}',
  "unknown fields of ours": `{"prompt":"a","adaedl":{${fields(manyFields)}}}`,
  "an unknown field with a long name": `{"prompt":"a","${letters}":1}`,
  "a model with a long name": `{"prompt":"a","model":"${letters}"}`,
  "a policy with a long name": `{"prompt":"a","adaedl":{"policy":"${letters}"}}`,
  "a policy of many parameters": `{"prompt":"a","adaedl":{"policy":"adaedl:${fill("lambda=1")}"}}`,
  "a long string for a number": `{"prompt":"a","seed":"${letters}"}`,
  "escapes for a number": `{"prompt":"a","seed":"${"\\u0000".repeat(170_000)}"}`,
  "a list of escapes for a number": `{"prompt":"a","seed":["${'\\"'.repeat(500_000)}"]}`,
  "half an escape": `{"prompt":"a","seed":"${"\\u0000".repeat(170_000)}\\u00"}`,
  "objects for a number": `{"prompt":"a","seed":[${fill('{"a":[]}')}]}`,
  "a list": `[${fill("{}")}]`,
  blanks: " ".repeat(bodyBytes),
};

const user = (content: string) => `{"role":"user","content":${content}}`;
const emptyPart = '{"type":"text","text":""}';
const asked = `"messages":[${user('"a"')}]`;
const chats: Readonly<Record<string, string>> = {
  "messages that are numbers": `{"messages":[${fill("0")}]}`,
  "empty messages": `{"messages":[${fill("{}")}]}`,
  "as many empty messages as are taken": `{"messages":[${Array(2_048).fill("{}").join(",")}]}`,
  "too many messages": `{"messages":[${fill(user('""'))}]}`,
  "parts that are numbers": `{"messages":[${user(`[${fill("0")}]`)}]}`,
  "empty parts": `{"messages":[${user(`[${fill("{}")}]`)}]}`,
  "too many parts": `{"messages":[${user(`[${fill(emptyPart)}]`)}]}`,
  "messages of parts, the last one wrong": `{"messages":[${`${user(`[${fill(emptyPart, 100)}]`)},`.repeat(2_047)}{}]}`,
  "nulls in messages": `{"messages":[${`{"role":"user","content":"",${fill('"name":null', 150)}},`.repeat(2_047)}{}]}`,
  "unknown fields of a message": `{"messages":[{"role":"user","content":"a",${fields(manyFields)}}]}`,
  "lists in lists in a message": `{"messages":[${user(nested("[", "]"))}]}`,
  tools: `{${asked},"tools":[${fill("{}")}]}`,
  "objects in objects as tools": `{${asked},"tools":${nested('{"a":', "}")}}`,
  "functions of many fields": `{${asked},"functions":[{${fields(manyFields)}}]}`,
  metadata: `{${asked},"metadata":{${fields(manyFields)}}}`,
  "a response format of lists in lists": `{${asked},"response_format":{"type":"text","a":${nested("[", "]")}}}`,
  modalities: `{${asked},"modalities":["text",${fill("0")}]}`,
};

const at = (path: HostileBody["path"]) => (entry: [what: string, body: string]) => {
  const [what, body] = entry;
  return { what, path, body };
};
export const hostileBodies: readonly HostileBody[] = [
  ...Object.entries(completions).map(at("/v1/completions")),
  ...Object.entries(chats).map(at("/v1/chat/completions")),
];
