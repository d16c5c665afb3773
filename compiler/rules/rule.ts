import type { Diagnostic } from "../../grammar/diagnostic.js";
import type { Facts } from "./facts.js";

/** What is known about a spec that elaborated without an error, looked at for mistakes that are no contradictions. */
export type Rule = (facts: Facts) => readonly Diagnostic[];
