import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { html, jsonText, scriptText } from "./html.ts";

test("what is put in is escaped, in content and in attributes", () => {
  const hostile = `<img src=x onerror="a('b')">&amp;`;
  expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
    `<p title="&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;amp;">` +
      `&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;amp;</p>`,
  );
});

test("templates nest unescaped, arrays are joined, false and undefined leave nothing, 0 stays", () => {
  const items = [1, 0].map((n) => html`<li>${n}</li>`);
  expect(
    html`<ol>
      ${items}${false}${undefined}
    </ol>`.text.replaceAll(/\s/g, ""),
  ).toBe("<ol><li>1</li><li>0</li></ol>");
});

test("neither a script nor its data can end their element early", () => {
  const code = `"</script><!-- </SCRIPT>"`;
  const escaped = scriptText(code).text;
  expect(escaped).not.toMatch(/<\/script|<!--/i);
  expect(runInNewContext(escaped)).toBe("</script><!-- </SCRIPT>");
  const data = jsonText({ title: "</script>" }).text;
  expect(data).not.toContain("<");
  expect(JSON.parse(data)).toEqual({ title: "</script>" });
});
