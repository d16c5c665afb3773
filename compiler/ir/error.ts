/** The graph was built or used wrongly: a bug of ours, never of a spec. */
export class IrError extends Error {
  override readonly name = "IrError";
}
