import {
  type BinaryNode,
  type CallNode,
  type FilterNode,
  Interpreter,
  type JinjaEnvironment,
  type JinjaNode,
  type JinjaValue,
  toJinja,
} from "./jinja-library.ts";
import { formatText, isEqual, isNumeric, modulo, str, stringMethods } from "./python-values.ts";

/** A template is a program of strangers: it ends after this many steps. */
const MAX_STEPS = 100_000;
/** So many characters that a step handles, and so many items that it makes, count as another step. */
const CHARACTERS_OF_STEP = 1024;
const ITEMS_OF_STEP = 16;
/** A block has variables of its own, each turn of a loop again. */
const STEPS_OF_BLOCK = 4;
/** Characters; longer than any context. */
const MAX_TEXT_LENGTH = 16 * 1024 * 1024;

const listMakers = new Set(["CallExpression", "FilterExpression", "BinaryExpression"]);
const silentStatements = new Set(["Set", "Macro", "Comment"]);

/** The library's interpreter, which writes and compares values as Python does, within bounds. */
export class PythonInterpreter extends Interpreter {
  private numSteps = 0;
  /** What was written in the iteration that a `break` ended. */
  private textBeforeBreak = "";

  override evaluate(node: JinjaNode | undefined, environment: JinjaEnvironment): JinjaValue {
    if (node instanceof Computed) return node.value;
    this.countSteps(1);
    const result = super.evaluate(node, environment);
    const { value } = result;
    if (typeof value === "string") this.countSteps(Math.floor(value.length / CHARACTERS_OF_STEP));
    else if (Array.isArray(value) && listMakers.has(node?.type ?? "")) this.countItems(value);
    return result;
  }

  override evaluateBlock(nodes: readonly JinjaNode[], environment: JinjaEnvironment): JinjaValue {
    this.countSteps(STEPS_OF_BLOCK);
    let text = "";
    for (const node of nodes) {
      let value: JinjaValue;
      try {
        value = this.evaluate(node, environment);
      } catch (error) {
        // The library leaves a loop by an exception, and loses what was written until then.
        if (text !== "" && isNamed(error, "ContinueControl"))
          throw new Error("text before continue, in the same iteration, is not supported");
        if (isNamed(error, "BreakControl")) this.textBeforeBreak = text + this.textBeforeBreak;
        throw error;
      }
      if (!silentStatements.has(node.type)) text += str(value);
      checkLength(text);
    }
    return toJinja(text);
  }

  override evaluateFor(node: JinjaNode, environment: JinjaEnvironment): JinjaValue {
    const text = super.evaluateFor(node, environment).value + this.textBeforeBreak;
    this.textBeforeBreak = "";
    return toJinja(text);
  }

  private countItems(items: readonly unknown[]): void {
    this.countSteps(Math.floor(items.length / ITEMS_OF_STEP));
  }

  private countSteps(count: number): void {
    this.numSteps += count;
    if (this.numSteps > MAX_STEPS) throw new Error(`takes more than ${MAX_STEPS} steps`);
  }

  override evaluateBinaryExpression(node: BinaryNode, environment: JinjaEnvironment): JinjaValue {
    const operator = node.operator.value;
    if (operator === "and" || operator === "or")
      return super.evaluateBinaryExpression(node, environment);
    const left = this.evaluate(node.left, environment);
    const right = this.evaluate(node.right, environment);
    switch (operator) {
      case "==":
        return toJinja(isEqual(left, right));
      case "!=":
        return toJinja(!isEqual(left, right));
      case "~":
        return toJinja(checkLength(str(left) + str(right)));
      case "in":
      case "not in":
        if (Array.isArray(right.value)) {
          this.countItems(right.value);
          const isIn = (right.value as JinjaValue[]).some((item) => isEqual(item, left));
          return toJinja(isIn === (operator === "in"));
        }
        break;
      case "+":
        if ((left.type === "StringValue") !== (right.type === "StringValue"))
          throw new Error(`cannot add ${left.type} and ${right.type}`);
        if (typeof left.value === "string") checkLength(left.value + right.value);
        break;
      case "%":
        if (left.type === "StringValue") {
          const values = right.type === "TupleValue" ? (right.value as JinjaValue[]) : [right];
          return toJinja(checkLength(formatText(left.value as string, values)));
        }
        if (isNumeric(left) && isNumeric(right))
          return toJinja(modulo(Number(left.value), Number(right.value)));
        break;
    }
    const computed = { ...node, left: new Computed(left), right: new Computed(right) };
    return super.evaluateBinaryExpression(computed, environment);
  }

  override evaluateCallExpression(node: CallNode, environment: JinjaEnvironment): JinjaValue {
    const { callee } = node;
    if (!isMember(callee)) return super.evaluateCallExpression(node, environment);
    const object = this.evaluate(callee.object, environment);
    const method = stringMethods.get(callee.property.value);
    if (object.type !== "StringValue" || method === undefined)
      return super.evaluateCallExpression(
        { ...node, callee: { ...callee, object: new Computed(object) } as JinjaNode },
        environment,
      );
    const [args] = this.evaluateArguments(node.args, environment);
    return toJinja(method(object.value as string, ...args.map(({ value }) => value)));
  }

  override applyFilter(
    operand: JinjaValue,
    filter: FilterNode | CallNode,
    environment: JinjaEnvironment,
  ): JinjaValue {
    const name = filter.type === "Identifier" ? filter.value : (filter.callee as FilterNode).value;
    const [args = [], named = new Map<string, JinjaValue>()] =
      filter.type === "Identifier" ? [] : this.evaluateArguments(filter.args, environment);
    const items = Array.isArray(operand.value) ? (operand.value as JinjaValue[]) : undefined;
    const map = (inner: string) =>
      (items ?? []).map((item) => this.applyFilter(item, identifier(inner), environment));

    if (name === "string") return toJinja(str(operand));
    if (name === "format" && operand.type === "StringValue")
      return toJinja(checkLength(formatText(operand.value as string, args)));
    if (items === undefined) return super.applyFilter(operand, filter, environment);
    const [first] = args;
    if (name === "map" && first?.type === "StringValue") return arrayOf(map(first.value as string));
    if (name === "join" && !named.has("attribute") && args.length < 2)
      return toJinja(checkLength(items.map(str).join(str(named.get("d") ?? first ?? toJinja("")))));
    if (name === "sum") {
      const attribute = named.get("attribute") ?? first;
      const numbers = items.map((item) => numberOf(item, attribute));
      return toJinja(numbers.reduce((sum, number) => sum + number, 0));
    }
    if (name === "max" || name === "min") {
      const numbers = items.map((item) => numberOf(item, undefined));
      return toJinja(numbers.length === 0 ? undefined : Math[name](...numbers));
    }
    return super.applyFilter(operand, filter, environment);
  }
}

/** Stands in a syntax tree for what was evaluated already. */
class Computed implements JinjaNode {
  readonly type = "Computed";
  readonly value: JinjaValue;

  constructor(value: JinjaValue) {
    this.value = value;
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.constructor.name === name;
}

interface MemberNode extends JinjaNode {
  readonly object: JinjaNode;
  readonly property: FilterNode;
  readonly computed: boolean;
}

function isMember(node: JinjaNode): node is MemberNode {
  return node.type === "MemberExpression" && !(node as MemberNode).computed;
}

function identifier(value: string): FilterNode {
  return { type: "Identifier", value };
}

function arrayOf(items: readonly JinjaValue[]): JinjaValue {
  const array = toJinja([]);
  (array.value as JinjaValue[]).push(...items);
  return array;
}

function numberOf(item: JinjaValue, attribute: JinjaValue | undefined): number {
  const value =
    attribute === undefined
      ? item
      : (item.value as Map<string, JinjaValue>).get(String(attribute.value));
  if (value === undefined || !isNumeric(value)) throw new Error("expected numbers");
  return Number(value.value);
}

function checkLength(text: string): string {
  if (text.length > MAX_TEXT_LENGTH)
    throw new Error(`writes more than ${MAX_TEXT_LENGTH} characters`);
  return text;
}
