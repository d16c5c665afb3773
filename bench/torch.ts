/** PyTorch for the benches. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

export const python = "bench/.venv/bin/python";

/** Into a virtual environment of the bench's own, once. */
export function installTorch(): void {
  if (spawnSync(python, ["-c", "import safetensors, torch"], { stdio: "ignore" }).status === 0) return;
  console.error("installing PyTorch into bench/.venv: some gigabytes, once");
  const commands: [string, string[]][] = [
    ...(existsSync(python) ? [] : [["python3", ["-m", "venv", "bench/.venv"]] as [string, string[]]]),
    [python, ["-m", "pip", "install", "--quiet", "torch", "numpy", "safetensors"]],
  ];
  for (const [command, args] of commands) {
    const { status } = spawnSync(command, args, { stdio: "inherit" });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
  }
}
