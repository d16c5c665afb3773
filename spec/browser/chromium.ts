/** Chromium without a window, and a server in memory for it. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** `CHROMIUM`, or the first on the PATH. */
export function findChromium(): string | undefined {
  const asked = process.env.CHROMIUM;
  if (asked) return asked;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome"];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** Both ways to the GPU end at SwiftShader, which computes on the CPU: the same on every machine. */
const flags = [
  "--headless=new",
  "--no-sandbox",
  "--no-first-run",
  "--disable-dev-shm-usage",
  "--disable-gpu-watchdog",
  "--disable-hang-monitor",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
];

/** Errors of the page are a report, too. */
const html = `<!doctype html><meta charset="utf-8"><title>dit</title><script>
const post = (error) => fetch("/report", { method: "POST", body: JSON.stringify({ error: String(error) }) });
addEventListener("error", (event) => post(event.message));
addEventListener("unhandledrejection", (event) => post(event.reason));
</script><script type="module" src="/page.js"></script>`;

const wasm = fileURLToPath(new URL("../../node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url));

/** What the page at `/?query` reports. `script`: the text of its module; `library`: the files of the standard library. */
export async function visit(
  chromium: string,
  query: string,
  script: string,
  library: ReadonlyMap<string, string>,
  seconds: number,
): Promise<string> {
  const profile = mkdtempSync(join(tmpdir(), "dit-chromium-"));
  let done: (report: string) => void = () => {};
  const reported = new Promise<string>((resolve) => {
    done = resolve;
  });
  const server = createServer((request, response) => {
    answer(request, response, script, library, done);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const child = spawn(chromium, [...flags, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/?${query}`], {
    stdio: "ignore",
    // A group of its own, to be ended as a whole: what outlives it would go on writing into the profile.
    detached: true,
  });
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`it does not start: ${error.message}`));
    child.once("exit", (code, signal) => resolve(`it ended with ${code ?? signal}`));
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no report after ${seconds} s`), seconds * 1000);
  });
  try {
    const failed = Promise.race([ended, late]).then((why): never => {
      throw new Error(`${chromium}: ${why}`);
    });
    return await Promise.race([reported, failed]);
  } finally {
    clearTimeout(timer);
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, "SIGKILL");
    await ended;
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  script: string,
  library: ReadonlyMap<string, string>,
  done: (report: string) => void,
): void {
  const { pathname } = new URL(request.url ?? "/", "http://page");
  const send = (type: string, body: string | Uint8Array): void => {
    response.setHeader("content-type", type);
    response.end(body);
  };
  if (pathname === "/report") {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => {
      text += part;
    });
    request.on("end", () => {
      send("text/plain", "");
      done(text);
    });
  } else if (pathname === "/") send("text/html", html);
  else if (pathname === "/page.js") send("text/javascript", script);
  else if (pathname === "/library.json") send("application/json", JSON.stringify(Object.fromEntries(library)));
  else if (/^\/wasm\/[\w.-]+\.wasm$/.test(pathname))
    send("application/wasm", readFileSync(join(wasm, pathname.slice("/wasm/".length))));
  else {
    response.statusCode = 404;
    response.end();
  }
}
