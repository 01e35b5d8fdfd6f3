import fc from "fast-check";
import { expect, test } from "vitest";
import { AdaedlError } from "../errors.ts";
import { stoppingPolicyDefinitions } from "./definitions.ts";
import { parseStoppingPolicy, stoppingPolicyForms } from "./parse-stopping-policy.ts";

const forms = `must be one of ${stoppingPolicyForms}`;
const adaedlUsage =
  "adaedl takes name=value for lambda, gamma, alpha, beta1, beta2, eps, max, test";
const staticUsage = "static takes name=value for length, or length alone";
const aLength = "must be a whole number from 1 to 64";

test.each([
  ["", `policy ${forms}, got ""`],
  ["fast", `policy ${forms}, got "fast"`],
  ["toString", `policy ${forms}, got "toString"`],
  ["static", 'policy static is written static:K, got "static"'],
  ["static:", `policy ${staticUsage}, got "static:"`],
  ["static:0", `policy static length ${aLength}, got "0"`],
  ["static:65", `policy static length ${aLength}, got "65"`],
  ["static:2.5", `policy static length ${aLength}, got "2.5"`],
  ["static:0x10", `policy static length ${aLength}, got "0x10"`],
  ["static:4:2", `policy static length ${aLength}, got "4:2"`],
  ["static: 4", `policy static length ${aLength}, got " 4"`],
  ["static:length=", `policy static length ${aLength}, got ""`],
  ["static:4,length=4", `policy ${staticUsage}, got "static:4,length=4"`],
  ["adaedl:", `policy ${adaedlUsage}, got "adaedl:"`],
  ["adaedl:0.5", `policy ${adaedlUsage}, got "adaedl:0.5"`],
  ["adaedl:lambda", `policy ${adaedlUsage}, got "adaedl:lambda"`],
  ["adaedl:speed=1", `policy ${adaedlUsage}, got "adaedl:speed=1"`],
  ["adaedl:toString=1", `policy ${adaedlUsage}, got "adaedl:toString=1"`],
  ["adaedl:lambda=0.5=3", `policy ${adaedlUsage}, got "adaedl:lambda=0.5=3"`],
  ["adaedl:lambda=0.5,", `policy ${adaedlUsage}, got "adaedl:lambda=0.5,"`],
  ["adaedl:max=3,max=4", 'policy adaedl takes one max, got "adaedl:max=3,max=4"'],
  ["adaedl:lambda=", 'policy adaedl lambda must be from 0 to 1, got ""'],
  ["adaedl:lambda=x", 'policy adaedl lambda must be from 0 to 1, got "x"'],
  ["adaedl:lambda=1.01", 'policy adaedl lambda must be from 0 to 1, got "1.01"'],
  ["adaedl:alpha=-0.1", 'policy adaedl alpha must be from 0 to 1, got "-0.1"'],
  ["adaedl:beta1=2", 'policy adaedl beta1 must be from 0 to 1, got "2"'],
  ["adaedl:beta2=NaN", 'policy adaedl beta2 must be from 0 to 1, got "NaN"'],
  ["adaedl:eps=Infinity", 'policy adaedl eps must be from 0 to 1, got "Infinity"'],
  ["adaedl:gamma=0", 'policy adaedl gamma must be above 0 and at most 100, or auto, got "0"'],
  ["adaedl:gamma=101", 'policy adaedl gamma must be above 0 and at most 100, or auto, got "101"'],
  ["adaedl:max=0", `policy adaedl max ${aLength}, got "0"`],
  ["adaedl:max=65", `policy adaedl max ${aLength}, got "65"`],
  ["adaedl:max=1.5", `policy adaedl max ${aLength}, got "1.5"`],
  ["adaedl:test=1", 'policy adaedl test must be after or before, got "1"'],
  ["adaedl:test=never", 'policy adaedl test must be after or before, got "never"'],
  ["confidence:p-min=2", 'policy confidence p-min must be from 0 to 1, got "2"'],
])("refuses %j", (spec, message) => {
  expect(() => parseStoppingPolicy(spec)).toThrow(
    expect.objectContaining({ code: "invalid_argument", message }),
  );
});

test("parameters not given are the defaults", () => {
  expect(parseStoppingPolicy("adaedl:max=3").spec).toBe(
    "adaedl:lambda=0.7,gamma=0.2,alpha=0.9,beta1=0.5,beta2=0.9,eps=0.01,max=3,test=after",
  );
  expect(parseStoppingPolicy("adaedl").maxDraftLength).toBe(7);
});

test("the one parameter of a policy may be named or not", () => {
  expect(parseStoppingPolicy("static:length=5").spec).toBe("static:5");
  expect(parseStoppingPolicy("static:5").spec).toBe("static:5");
});

test("words and numbers may both be values", () => {
  expect(parseStoppingPolicy("adaedl:test=before,max=3").spec).toMatch(/,max=3,test=before$/);
});

test("every policy is listed with a form that names it, once", () => {
  const names = stoppingPolicyDefinitions.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, form } of stoppingPolicyDefinitions) {
    expect(form.startsWith(name)).toBe(true);
    expect(stoppingPolicyForms.split(/, (?=[a-z])/)).toContain(form);
  }
});

test("defaults are values that a policy may have", () => {
  for (const { name, params } of stoppingPolicyDefinitions)
    for (const [param, rule] of Object.entries(params)) {
      if (rule.default === undefined) continue;
      expect(() => parseStoppingPolicy(`${name}:${param}=${rule.default}`)).not.toThrow();
    }
});

test("what a form shows between brackets is a default", () => {
  for (const { name, form, params } of stoppingPolicyDefinitions)
    for (const [, param = "", value] of form.matchAll(/([a-z-]+\d?)=([^,\]]+)/g))
      expect(`${params[param]?.default}`, `${name} ${param}`).toBe(value);
});

test("numbers may be written with an exponent", () => {
  expect(parseStoppingPolicy("adaedl:eps=1e-7,gamma=1E1").spec).toBe(
    "adaedl:lambda=0.7,gamma=10,alpha=0.9,beta1=0.5,beta2=0.9,eps=1e-7,max=7,test=after",
  );
});

test("any AdaEDL parameters survive being written and read", () => {
  const fraction = fc.double({ min: 0, max: 1, noNaN: true }).map((x) => x + 0);
  const params = fc.record({
    lambda: fraction,
    gamma: fc.double({ min: Number.MIN_VALUE, max: 100, noNaN: true }),
    alpha: fraction,
    beta1: fraction,
    beta2: fraction,
    eps: fraction,
    max: fc.integer({ min: 1, max: 64 }),
    test: fc.constantFrom("after", "before"),
  });
  fc.assert(
    fc.property(params, (values) => {
      const written = Object.entries(values).map(([name, value]) => `${name}=${value}`);
      const { spec } = parseStoppingPolicy(`adaedl:${written.join(",")}`);
      expect(spec).toBe(`adaedl:${written.join(",")}`);
      expect(parseStoppingPolicy(spec).spec).toBe(spec);
    }),
  );
});

test("any other text is refused as a policy, never as a crash", () => {
  const pieces = fc.constantFrom(
    ..."none static adaedl confidence ucb p-min test before : = , lambda gamma max __proto__ constructor 0.5 1 -1 e".split(
      " ",
    ),
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces).map((parts) => parts.join("")),
    fc.array(pieces).map((parts) => `adaedl:${parts.join("")}`),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        const { spec } = parseStoppingPolicy(text);
        expect(parseStoppingPolicy(spec).spec).toBe(spec);
      } catch (error) {
        expect(error).toBeInstanceOf(AdaedlError);
        expect(error).toMatchObject({ code: "invalid_argument" });
      }
    }),
    { numRuns: 2000 },
  );
});
