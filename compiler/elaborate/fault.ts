/** How the elaborator gives up on one equation: the diagnostic is recorded, the exception is caught at the next independent statement. */
export class Halt extends Error {
  constructor() {
    super("a mistake was reported");
  }
}
