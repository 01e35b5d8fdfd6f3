import fc from "fast-check";
import { expect, test } from "vitest";
import { AdaedlError } from "../errors.ts";
import { adaedlDefaults } from "./adaedl.ts";
import { parsePolicy } from "./parse-policy.ts";

const forms = "must be one of none, static:K, adaedl[:lambda=0.7,gamma=0.2,…]";
const adaedlForm = "adaedl takes name=value for gamma, lambda, alpha, beta1, beta2, eps, max";
const staticForm = "static:K needs a whole K from 1 to 64";

test.each([
  ["", `policy ${forms}, got ""`],
  ["fast", `policy ${forms}, got "fast"`],
  ["toString", `policy ${forms}, got "toString"`],
  ["none:", 'policy none takes no parameters, got "none:"'],
  ["none:1", 'policy none takes no parameters, got "none:1"'],
  ["static", `policy ${staticForm}, got "static"`],
  ["static:", `policy ${staticForm}, got "static:"`],
  ["static:0", `policy ${staticForm}, got "static:0"`],
  ["static:65", `policy ${staticForm}, got "static:65"`],
  ["static:2.5", `policy ${staticForm}, got "static:2.5"`],
  ["static:0x10", `policy ${staticForm}, got "static:0x10"`],
  ["static:4:2", `policy ${staticForm}, got "static:4:2"`],
  ["static: 4", `policy ${staticForm}, got "static: 4"`],
  ["adaedl:", `policy ${adaedlForm}, got "adaedl:"`],
  ["adaedl:0.5", `policy ${adaedlForm}, got "adaedl:0.5"`],
  ["adaedl:lambda", `policy ${adaedlForm}, got "adaedl:lambda"`],
  ["adaedl:speed=1", `policy ${adaedlForm}, got "adaedl:speed=1"`],
  ["adaedl:toString=1", `policy ${adaedlForm}, got "adaedl:toString=1"`],
  ["adaedl:lambda=0.5=3", `policy ${adaedlForm}, got "adaedl:lambda=0.5=3"`],
  ["adaedl:lambda=0.5,", `policy ${adaedlForm}, got "adaedl:lambda=0.5,"`],
  ["adaedl:lambda=", 'policy adaedl lambda must be from 0 to 1, got ""'],
  ["adaedl:lambda=x", 'policy adaedl lambda must be from 0 to 1, got "x"'],
  ["adaedl:lambda=1.01", 'policy adaedl lambda must be from 0 to 1, got "1.01"'],
  ["adaedl:alpha=-0.1", 'policy adaedl alpha must be from 0 to 1, got "-0.1"'],
  ["adaedl:beta1=2", 'policy adaedl beta1 must be from 0 to 1, got "2"'],
  ["adaedl:beta2=NaN", 'policy adaedl beta2 must be from 0 to 1, got "NaN"'],
  ["adaedl:eps=Infinity", 'policy adaedl eps must be from 0 to 1, got "Infinity"'],
  ["adaedl:gamma=0", 'policy adaedl gamma must be above 0 and at most 100, got "0"'],
  ["adaedl:gamma=101", 'policy adaedl gamma must be above 0 and at most 100, got "101"'],
  ["adaedl:max=0", 'policy adaedl max must be a whole number from 1 to 64, got "0"'],
  ["adaedl:max=65", 'policy adaedl max must be a whole number from 1 to 64, got "65"'],
  ["adaedl:max=1.5", 'policy adaedl max must be a whole number from 1 to 64, got "1.5"'],
])("refuses %j", (spec, message) => {
  expect(() => parsePolicy(spec)).toThrow(
    expect.objectContaining({ code: "invalid_argument", message }),
  );
});

test("parameters not given are the defaults", () => {
  expect(parsePolicy("adaedl:max=3").spec).toBe(
    "adaedl:lambda=0.7,gamma=0.2,alpha=0.9,beta1=0.5,beta2=0.9,eps=0.01,max=3",
  );
  expect(parsePolicy("adaedl").maxDraftLength).toBe(adaedlDefaults.max);
});

test("numbers may be written with an exponent", () => {
  expect(parsePolicy("adaedl:eps=1e-7,gamma=1E1").spec).toBe(
    "adaedl:lambda=0.7,gamma=10,alpha=0.9,beta1=0.5,beta2=0.9,eps=1e-7,max=7",
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
  });
  fc.assert(
    fc.property(params, (values) => {
      const written = Object.entries(values).map(([name, value]) => `${name}=${value}`);
      const { spec } = parsePolicy(`adaedl:${written.join(",")}`);
      expect(spec).toBe(`adaedl:${written.join(",")}`);
      expect(parsePolicy(spec).spec).toBe(spec);
    }),
  );
});

test("any other text is refused as a policy, never as a crash", () => {
  const pieces = fc.constantFrom(
    ..."none static adaedl : = , lambda gamma max __proto__ constructor 0.5 1 -1 e".split(" "),
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces).map((parts) => parts.join("")),
    fc.array(pieces).map((parts) => `adaedl:${parts.join("")}`),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        const { spec } = parsePolicy(text);
        expect(parsePolicy(spec).spec).toBe(spec);
      } catch (error) {
        expect(error).toBeInstanceOf(AdaedlError);
        expect(error).toMatchObject({ code: "invalid_argument" });
      }
    }),
    { numRuns: 2000 },
  );
});
