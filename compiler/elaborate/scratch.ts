/** A place to evaluate an expression of which only the type matters: its ops go to a function nobody runs. */
import { MainFrame } from "./frame.js";
import { Scope } from "./scope.js";

export function scratchScope(parent: Scope): Scope {
  const s = new Scope({
    ctx: parent.ctx,
    kind: "plan",
    parent,
    file: parent.file,
    // Calls may become functions of the program, and find those it has.
    frame: new MainFrame("scratch", parent.ctx.fns),
    drawPath: "scratch",
  });
  s.axes.set("batch", 1);
  return s;
}
