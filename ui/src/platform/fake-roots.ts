/** The fake engine's folders, and what it says against choices for them. */
import type { PlaceRules } from "../bindings/PlaceRules";
import type { RootInfo } from "../bindings/RootInfo";
import { CommandError } from "./types";

const layouts = ["comfy_ui", "a1111", "plain", "invoke_ai"] as const;

function refuse(message: string, hint: string): CommandError {
  return new CommandError({ code: "invalid_request", message, hint, retryable: false });
}

/** The engine's rules, as far as somebody looking at the page runs into them. */
export function checkPlaces({ overrides, template }: PlaceRules, root: string): void {
  if (template.includes("..")) {
    throw refuse("The subfolder template cannot be used: character 1: `..` is no folder name that every system takes", "An example is {base_model}/{creator}");
  }
  for (const [kind, folder] of Object.entries(overrides)) {
    const why = folder.includes("..")
      ? "`..` leads out of a folder"
      : folder.startsWith("/") && !`${folder}/`.startsWith(`${root}/`)
        ? "it is outside the root"
        : null;
    if (why !== null) throw refuse(`The folder \`${folder}\` for ${kind === "LORA" ? "LoRA" : kind} cannot be used: ${why}`, `Name a folder inside \`${root}\``);
  }
}

export function rootOf(path: string, index: number): RootInfo {
  const away = path.startsWith("/mnt/nas");
  return {
    id: index + 1,
    path,
    layout: layouts[index] ?? "plain",
    name: away ? "NAS archive" : (path.split("/").pop() ?? path),
    online: !away,
    files: 0,
    bytes: 0,
    scanned_at: Date.now() - 300_000,
    watching: away ? "off" : index === 1 ? "polling" : "events",
    watching_note: !away && index === 1 ? "The system's limit of watched folders is reached" : null,
    sidecars: { a1111_json: false, preview: false, civitai_info: false },
    places: { overrides: {}, template: "" },
  };
}
