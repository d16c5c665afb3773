/** The page: one backend, named by the address, computes the checks; the server gets the report. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-webgl";
import "@tensorflow/tfjs-backend-webgpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { registerBackend } from "../../runtime/engines/tfjs/backend.js";
import { check } from "./checks.js";

declare const location: { readonly search: string };

setWasmPaths("/wasm/");
for (const name of ["cpu", "wasm", "webgl", "webgpu"]) registerBackend(name, async () => tf);

const asked = new URLSearchParams(location.search);
// Else small tensors are computed on the CPU, and the kernels are not seen.
if (!asked.has("forward")) for (const flag of ["WEBGL_CPU_FORWARD", "WEBGPU_CPU_FORWARD"]) tf.env().set(flag, false);
// As on a device whose textures have no more.
if (asked.has("half")) tf.env().set("WEBGL_RENDER_FLOAT32_ENABLED", false);
const library = (await (await fetch("/library.json")).json()) as Record<string, string>;
const report = await check(asked.get("backend") ?? "", new Map(Object.entries(library)), asked.get("only") ?? "");
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
