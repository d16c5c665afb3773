/** The checks on the backend `cpu`, for a place that has neither Node nor a page. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { registerBackend } from "../../runtime/engines/tfjs/backend.js";
import { check } from "./checks.js";

declare const library: Readonly<Record<string, string>>;
declare const done: (report: string) => void;

registerBackend("cpu", async () => tf);
check("cpu", new Map(Object.entries(library)), "").then(
  (report) => done(JSON.stringify(report)),
  (error) => done(JSON.stringify({ error: String(error) })),
);
