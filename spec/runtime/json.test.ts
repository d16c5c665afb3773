import assert from "node:assert/strict";
import fc from "fast-check";
import { JsonError, parseJson } from "../../runtime/json.js";

describe("JSON with places", () => {
  const breaks: [text: string, byte: number][] = [
    ["", 0],
    ["  nope", 2],
    ['{"a": nothing}', 6],
    ['{"a" 1}', 5],
    ['{"a": 1,}', 8],
    ["[1, 2", 5],
    ["[1 2]", 3],
    ['["é", x]', 7],
    ['["a\nb"]', 1],
    ["[01]", 2],
    ["{} {}", 3],
    ['{"a": [{}, {"b": [1, 2, }]}', 24],
  ];
  for (const [text, byte] of breaks) {
    it(`breaks at byte ${byte}: ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseJson(text),
        (error) => error instanceof JsonError && error.byte === byte,
      );
    });
  }

  it("agrees with JSON.parse, and ends on any text", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(30), fc.string({ maxLength: 2 }), (text, at, cut) => {
        const other = text.slice(0, at) + cut + text.slice(at + 1);
        let value: unknown;
        try {
          value = JSON.parse(other);
        } catch {
          assert.throws(() => parseJson(other), JsonError);
          return;
        }
        assert.deepEqual(parseJson(other), value);
      }),
    );
  });
});
