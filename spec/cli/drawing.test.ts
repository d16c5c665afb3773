import assert from "node:assert/strict";
import fc from "fast-check";
import { dotOf } from "../../cli/drawing/dot.js";
import { layOut } from "../../cli/drawing/layout.js";
import type { Picture } from "../../cli/drawing/picture.js";
import { svgOf } from "../../cli/drawing/svg.js";

const sizes = { widthOf: () => 60, height: 40, gapX: 20, gapY: 30 };

/** Any graph without cycles: edges go from smaller to larger numbers. */
const pictures: fc.Arbitrary<Picture> = fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 30 }).map((pairs) => ({
  title: "any",
  nodes: Array.from({ length: 12 }, (_, i) => ({ id: `n${i}`, label: `n${i}`, kind: "part" as const })),
  edges: pairs.filter(([a, b]) => a !== b).map(([a, b]) => ({ from: `n${Math.min(a, b)}`, to: `n${Math.max(a, b)}` })),
}));

describe("drawings", () => {
  it("put nodes below what they depend on, and none on another", () => {
    fc.assert(
      fc.property(pictures, (picture) => {
        const { places, width, height } = layOut(picture, sizes);
        const all = [...places.values()];
        assert.equal(all.length, picture.nodes.length);
        for (const { x, y } of all) assert.ok(x >= 30 && x <= width - 30 && y >= 20 && y <= height - 20);
        for (const { from, to } of picture.edges) assert.ok((places.get(from)?.y ?? 0) < (places.get(to)?.y ?? 0));
        all.forEach((a, i) => {
          for (const b of all.slice(i + 1)) assert.ok(a.y !== b.y || Math.abs(a.x - b.x) > 60);
        });
      }),
    );
  });

  it("escape what would break them", () => {
    const picture: Picture = {
      title: 'a "b" <c>',
      nodes: [
        { id: "x", label: "x < y & z", detail: "[a: 1]", kind: "input" },
        { id: 'q"', label: "q", kind: "output" },
      ],
      edges: [{ from: "x", to: 'q"' }],
    };
    assert.equal(
      dotOf(picture),
      [
        'digraph "a \\"b\\" <c>" {',
        "  rankdir=TB;",
        '  "x" [label="x < y & z\\n[a: 1]", shape=ellipse];',
        '  "q\\"" [label="q", shape=doubleoctagon];',
        '  "x" -> "q\\"";',
        "}",
        "",
      ].join("\n"),
    );
    const svg = svgOf(picture);
    assert.match(svg, /<title>a &quot;b&quot; &lt;c&gt;<\/title>/);
    assert.match(svg, /x &lt; y &amp; z/);
  });
});
