import type { Diagnostic } from "../../grammar/diagnostic.js";
import { report } from "../diagnostics/create.js";
import type { Instance } from "../elaborate/instance.js";
import type { DefinitionVal, Val } from "../elaborate/values.js";
import type { Facts, Sampling } from "./facts.js";
import type { Rule } from "./rule.js";

/** Paths divide by their coefficients; at the ends of the clock some of these are 0. The path is evaluated there, not recognised by name. */
export const clocks: Rule = (facts) => [
  ...facts.instances().flatMap((i) => times(facts, i)),
  ...facts.samplings.flatMap((s) => grids(facts, s)),
];

interface Ends {
  readonly predict: string;
  /** The coefficient of the data is 0 at the noise end. */
  readonly blind: boolean;
  /** The coefficient of the noise falls infinitely fast at the data end. */
  readonly steep: boolean;
}

function endsOf(facts: Facts, o: Instance): Ends | undefined {
  const path = facts.setting(o, "path");
  const predict = facts.setting(o, "predict");
  if (o.definition.decl.of !== "objective" || !path || predict?.kind !== "word") return undefined;
  const at = (s: number, field: string): number | undefined => {
    const v = facts.apply(path, s);
    const f: Val | undefined = v?.kind === "record" ? v.fields.get(field) : undefined;
    return f?.kind === "number" ? f.value : undefined;
  };
  const start = at(0, "alpha");
  const near = at(1 - 1e-9, "sigma");
  if (start === undefined || near === undefined) return undefined;
  return { predict: predict.word, blind: Math.abs(start) < 1e-12, steep: near > 1e-6 };
}

/** `Uniform { from: 0, to: 1 }` with a path that cannot be divided by at one of them. */
function times(facts: Facts, o: Instance): Diagnostic[] {
  const ends = endsOf(facts, o);
  const law = facts.setting(o, "time");
  if (!ends || law?.kind !== "definition") return [];
  const number = (n: string) => {
    const v = facts.settingOf(law, n);
    return v?.kind === "number" ? v.value : undefined;
  };
  const [from, to] = [number("from"), number("to")];
  if (from === undefined || to === undefined) return [];
  const dataAt = facts.setting(o, "data_at");
  const forward = dataAt?.kind !== "number" || dataAt.value === 1;
  const noiseEnd = forward ? from <= 0 : to >= 1;
  const dataEnd = forward ? to >= 1 : from <= 0;
  const span = o.given.get("time")?.setting.span ?? o.declared;
  const divides = ends.predict === "noise" || ends.predict === "score";
  const compare = facts.setting(o, "compare");
  const weighted = o.given.has("weighting") || (compare?.kind === "word" && compare.word === "velocity");
  // Noise or data compared as they are need no derivative.
  if (ends.steep && dataEnd && (ends.predict === "velocity" || weighted))
    return [
      report("time-touches-end", { end: "data", what: "the derivative of the noise coefficient is infinite" }, span, {
        help: [forward ? "`time: Uniform { to: 1 - 1e-5 }`" : "`time: Uniform { from: 1e-5 }`"],
      }),
    ];
  if (ends.blind && divides && weighted && noiseEnd)
    return [
      report("time-touches-end", { end: "noise", what: "the coefficient of the data is 0" }, span, {
        help: ["`time: Uniform { from: 1e-3, to: 1 - 1e-3 }`"],
      }),
    ];
  return [];
}

/** The first point of a grid is where the sampler asks first. */
function grids(facts: Facts, s: Sampling): Diagnostic[] {
  const flow = s.given.get("flow");
  if (flow?.kind !== "instance" || s.given.has("view")) return [];
  const ends = endsOf(facts, flow.instance);
  if (!ends?.blind || (ends.predict !== "noise" && ends.predict !== "score")) return [];
  const method = methodOf(s);
  const grid = method && facts.settingOf(method, "grid");
  if (!method || grid?.kind !== "definition") return [];
  const first = facts.apply(grid, 0);
  if (first?.kind !== "number" || Math.abs(first.value) > 1e-12) return [];
  return [
    report("grid-touches-end", { predict: ends.predict }, s.spans.get("method") ?? s.decl.ref.name.span, {
      related: [{ span: flow.instance.declared, message: `\`predict: ${ends.predict}\`` }],
      help: [
        `start the grid a little later: \`method: ${method.symbol.decl.name.text} { grid: ${grid.symbol.decl.name.text} { from: 1e-3 } }\``,
      ],
    }),
  ];
}

function methodOf(s: Sampling): DefinitionVal | undefined {
  const given = s.given.get("method");
  if (given) return given.kind === "definition" ? given : undefined;
  const decl = s.definition.settings.find((d) => d.name.text === "method")?.value;
  const v = decl?.kind === "Def" ? s.file.seen.get(decl.name.text) : undefined;
  return v?.kind === "definition" ? { kind: "definition", symbol: v, given: new Map(), preset: new Map() } : undefined;
}
