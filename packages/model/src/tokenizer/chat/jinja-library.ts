import * as jinja from "@huggingface/jinja";

/** A value of a running template. `type` is the library's name of its class: "StringValue". */
export interface JinjaValue {
  readonly type: string;
  readonly value: unknown;
  toString(): string;
}

/** A part of a parsed template. */
export interface JinjaNode {
  readonly type: string;
}

export interface JinjaEnvironment {
  /** Declares a variable, once; the result is the value that it has in templates. */
  set(name: string, value: unknown): JinjaValue;
  setVariable(name: string, value: JinjaValue): JinjaValue;
}

/** The library's interpreter with the methods, private in its types, that are changed here. */
interface JinjaInterpreter {
  run(program: JinjaNode): JinjaValue;
  evaluate(node: JinjaNode | undefined, environment: JinjaEnvironment): JinjaValue;
  evaluateBlock(nodes: readonly JinjaNode[], environment: JinjaEnvironment): JinjaValue;
  evaluateFor(node: JinjaNode, environment: JinjaEnvironment): JinjaValue;
  evaluateBinaryExpression(node: BinaryNode, environment: JinjaEnvironment): JinjaValue;
  evaluateCallExpression(node: CallNode, environment: JinjaEnvironment): JinjaValue;
  evaluateArguments(
    args: readonly JinjaNode[],
    environment: JinjaEnvironment,
  ): [positional: JinjaValue[], named: Map<string, JinjaValue>];
  applyFilter(
    operand: JinjaValue,
    filter: FilterNode | CallNode,
    environment: JinjaEnvironment,
  ): JinjaValue;
}

export interface BinaryNode extends JinjaNode {
  readonly operator: { readonly value: string };
  readonly left: JinjaNode;
  readonly right: JinjaNode;
}

export interface CallNode extends JinjaNode {
  readonly type: "CallExpression";
  readonly callee: JinjaNode;
  readonly args: readonly JinjaNode[];
}

export interface FilterNode extends JinjaNode {
  readonly type: "Identifier";
  readonly value: string;
}

interface Library {
  readonly Environment: new () => JinjaEnvironment;
  readonly Interpreter: new (environment: JinjaEnvironment) => JinjaInterpreter;
  tokenize(source: string, options: { lstrip_blocks: boolean; trim_blocks: boolean }): unknown[];
  parse(tokens: unknown[]): JinjaNode;
}

/** `@huggingface/jinja`, opened for the repairs that it needs to write what Jinja2 writes. */
export const { Environment, Interpreter, tokenize, parse } = jinja as unknown as Library;

/** A value of JavaScript as templates have it. */
export function toJinja(value: unknown): JinjaValue {
  return new Environment().set("value", value);
}
