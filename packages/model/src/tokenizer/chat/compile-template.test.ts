import { expect, test } from "vitest";
import { compileTemplate } from "./compile-template.ts";

const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Hi" },
  { role: "assistant", content: "Hello é" },
];

// What Jinja2 3.1 writes with the settings of transformers.
test.each([
  ["{% raw %}{{ x }}{% endraw %}|a", "{{ x }}|a"],
  ["a\n  {% raw %}\n {% x %}\n{% endraw %}\nb", "a\n\n {% x %}\nb"],
  ["a {%- raw -%} {{ x }} {%- endraw -%} b", "a{{ x }}b"],
  ["{{ 'a-' ~ 7 % 4 }} {{ -7 % 4 }} {{ 7 % -4 }} {{ 7.5 % 2 }}", "a-3 1 -1 1.5"],
  [
    "{{ 'a-%s' % 3 }} {{ '%s|%d|%.2f|%%' % (true, 3.7, 2.345) }} {{ '%s%s' | format(1, none) }}",
    "a-3 True|3|2.35|% 1None",
  ],
  ["{{ '-'.join(['a', 'b']) }}{{ '%s' % [1, 'a'] }}", "a-b[1, 'a']"],
  ["{{ 7 // 2 }} {{ -7 // 2 }} {{ 2 ** 3 }} {{ 3 / 2 }} {{ 2 / 1 }}", "3 -4 8 1.5 2.0"],
  ["{{ [1, 2] | sum }}{{ [{'a': 1}, {'a': 2}] | sum(attribute='a') }}{{ [] | sum }}", "330"],
  ["{{ [2, 3] | max }}{{ [2, 3] | min }}", "32"],
  ["{{ true }}|{{ True }}|{{ 1 == 2 }}|{{ none }}|{{ undefined }}", "True|True|False|None|"],
  ["{{ 'a' ~ true ~ none ~ 1.0 ~ [1] }}", "aTrueNone1.0[1]"],
  ["{{ [true, none, 'x', 1.5, {'a': 'b'}] }}", "[True, None, 'x', 1.5, {'a': 'b'}]"],
  ["{{ [\"it's\", 'a\"b', 'a\\nb'] }}", "[\"it's\", 'a\"b', 'a\\nb']"],
  ["{{ true | string }}{{ none | string }}{{ [true, 1] | join(',') }}", "TrueNoneTrue,1"],
  ["{{ {'a': 1}.get('b') }}{{ {'a': 1}.get('b', 5) }}", "None5"],
  ["{{ [] == [] }}{{ {'a': 1} == {'a': 1} }}{{ [1] != [1.0] }}", "TrueTrueFalse"],
  ["{{ none == false }}{{ '1' == 1 }}{{ true == 1 }}{{ [1] in [[1]] }}", "FalseFalseTrueTrue"],
  ["{{ 'xax'.strip('x') }}|{{ ' a '.strip() }}|{{ 'a--'.rstrip('-') }}", "a|a|a"],
  [
    "{{ 'abc'.removeprefix('a') }}{{ 'abcb'.count('b') }}{{ 'a\\nb'.splitlines() }}",
    "bc2['a', 'b']",
  ],
  ["{{ ['a', 'B'] | map('upper') | list }}", "['A', 'B']"],
  ["{{ messages | map(attribute='content') | map('length') | sum }}", "18"],
  [
    "{% for m in messages %}{% if loop.first %}{% continue %}{% endif %}{{ m.role }}{% break %}{% endfor %}",
    "user",
  ],
  ["{% generation %}x{% endgeneration %}", "x"],
  [
    "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}",
    "3",
  ],
  [
    "{% macro f(a, b=2) %}[{{ a }}{{ b }}]{% endmacro %}{{ f(1) }}{{ f(1, b=true) }}",
    "[12][1True]",
  ],
  ["{% set a %}block{% endset %}{{ a }}{{ 'abc'[::-1] }}", "blockcba"],
  ["{{ {'b': true, 'a': []} | tojson }}", '{"b": true, "a": []}'],
  ["\r\na\r\n{% if true %}\r\nb\r\n{% endif %}\r\nc\n", "\na\nb\nc"],
  ["  {% for i in [1, 2] %}\n    {{ i }}\n  {% endfor %}\nx\n\n", "    1\n    2\nx\n"],
])("%j writes %j", (source, text) => {
  expect(compileTemplate(source)({ messages })).toBe(text);
});

test.each([
  ["{{ '%s' % (1, 2) }}", "not all arguments converted"],
  ["{{ '%s%s' % 1 }}", "not enough arguments"],
  ["{{ '%d' % 'a' }}", "%d needs a number"],
  ["{{ '%5s' % 'a' }}", "%5 is not supported"],
])("%j is an error", (source, message) => {
  expect(() => compileTemplate(source)({})).toThrow(message);
});

test("text and number are not added, as in Python", () => {
  expect(() => compileTemplate("{{ 'a' + 1 }}")({})).toThrow("cannot add");
});

test("strftime_now writes the current date", () => {
  const year = String(new Date().getFullYear());
  expect(compileTemplate("{{ strftime_now('%Y') }}")({})).toBe(year);
  expect(() => compileTemplate("{{ strftime_now('%Q') }}")({})).toThrow("%Q is not supported");
});
