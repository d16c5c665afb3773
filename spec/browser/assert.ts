/** What the helpers of the tests use of `node:assert/strict`, where there is no Node. */
function fail(message: string | undefined, what: string): never {
  throw new Error(message === undefined ? what : `${message}: ${what}`);
}

function ok(value: unknown, message?: string): asserts value {
  if (!value) fail(message, `${value} is not truthy`);
}

function equal(actual: unknown, expected: unknown, message?: string): void {
  if (!Object.is(actual, expected)) fail(message, `${actual} is not ${expected}`);
}

function deepEqual(actual: unknown, expected: unknown, message?: string): void {
  equal(JSON.stringify(actual), JSON.stringify(expected), message);
}

export default { ok, equal, deepEqual };
