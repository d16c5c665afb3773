/** Settings of an instance as others read them: `net.depth`, `o.path`. */
import type { Instance } from "./instance.js";
import type { Val } from "./values.js";

export function readSetting(instance: Instance, name: string): Val | undefined {
  return instance.settings.get(name) ?? instance.given.get(name)?.value ?? instance.preset.get(name)?.value;
}
