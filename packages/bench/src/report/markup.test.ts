import { expect, it } from "vitest";
import { html, Markup } from "./markup.ts";

it("escapes what is put in, also within attributes", () => {
  expect(html`<a title="${`"'<&>`}">${"<b>"}</a>`.source).toBe(
    '<a title="&#34;&#39;&#60;&#38;&#62;">&#60;b&#62;</a>',
  );
});

it("takes markup as it is, joins lists, and makes nothing of undefined", () => {
  const items = ["a", "b"].map((text) => html`<li>${text}</li>`);
  expect(html`<ul>${items}</ul>${undefined}${3}${new Markup("<hr>")}`.source).toBe(
    "<ul><li>a</li><li>b</li></ul>3<hr>",
  );
});
