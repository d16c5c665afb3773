import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { pages } from "../../compiler/diagnostics/catalog.js";
import { check, lines } from "../rules/load.js";
import { defaultOf, isDefined, marksOf, mistakesPage } from "./page.js";
import { proofs } from "./proofs.js";
import { lists } from "./rows.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** How many mistakes each list was collected with: a row that goes missing is noticed. */
const collected: Readonly<Record<string, number>> = {
  "What users report": 15,
  SiT: 14,
  REPA: 7,
  iREPA: 5,
  REG: 6,
  "REPA-E": 6,
  HASTE: 4,
  DiT: 8,
  "U-ViT": 8,
  LightningDiT: 9,
  MaskDiT: 7,
  TREAD: 5,
  SPRINT: 9,
  SpeedrunDiT: 3,
  JiT: 5,
  EDM: 1,
  DiverseDiT: 13,
  MeanFlow: 7,
  SRA: 4,
  DispLoss: 1,
  DeltaFM: 3,
  "Optimizers and averages": 6,
  Metrics: 5,
  "Paths and grids": 2,
};

describe("mistakes made in public", () => {
  describe("cannot be said", () => {
    for (const [name, { text, says }] of Object.entries(proofs))
      it(name, () => {
        assert.deepEqual(lines(check(text)), says);
      });
  });

  it("every one has its row", () => {
    assert.deepEqual(Object.fromEntries(lists.map((l) => [l.of, l.rows.length])), collected);
  });

  it("every answer names what is there", () => {
    const codes = pages();
    const there = ({ kind, name }: ReturnType<typeof marksOf>[number]): boolean => {
      switch (kind) {
        case "code":
          return codes.has(name);
        case "try":
          return name in proofs;
        case "set":
          return defaultOf(name) !== undefined;
        case "def":
          return isDefined(name);
        case "spec":
          return existsSync(`${root}spec/parity/${name}.dit`);
        case "test":
          return existsSync(root + name);
        default:
          return false;
      }
    };
    const wrong = lists.flatMap((l) =>
      l.rows.flatMap((r) => marksOf(r).flatMap((m) => (there(m) ? [] : [`${l.of}: {${m.kind}:${m.name}}`]))),
    );
    assert.deepEqual(wrong, []);
  });

  it("what is called unsayable was tried, what is called diagnosed has a code, what is called a setting has a name", () => {
    const wanted = {
      unsayable: ["try", "code", "test"],
      diagnosed: ["code"],
      setting: ["set", "def", "try"],
      same: [],
      absent: [],
    };
    const bare = lists.flatMap((l) =>
      l.rows.flatMap((r) => {
        const marks = marksOf(r).map((m) => m.kind as string);
        const need: readonly string[] = wanted[r.kind];
        return need.length === 0 || need.some((n) => marks.includes(n)) ? [] : [`${l.of}: ${r.mistake}`];
      }),
    );
    assert.deepEqual(bare, []);
  });

  it("every proof is needed", () => {
    const used = new Set(lists.flatMap((l) => l.rows.flatMap((r) => marksOf(r).map((m) => m.name))));
    assert.deepEqual(
      Object.keys(proofs).filter((p) => !used.has(p)),
      [],
    );
  });

  it("docs/mistakes.md is what `npm run pages` writes", () => {
    assert.equal(readFileSync(`${root}docs/mistakes.md`, "utf8"), mistakesPage(), "stale: npm run pages");
  });
});
