/** The words for what the engine counts and tells apart, used by several places. */
import type { ItemState } from "../../bindings/ItemState";
import type { Layout } from "../../bindings/Layout";
import type { LinkSite } from "../../bindings/LinkSite";
import type { MatchedBy } from "../../bindings/MatchedBy";
import type { Provenance } from "../../bindings/Provenance";
import type { Tool } from "../../bindings/Tool";
import { plural } from "../format";

export const sites: Record<LinkSite, string> = { com: "civitai.com", red: "civitai.red" };

export const files = (amount: number) => plural(amount, "file", "files");

const layouts: Record<Layout, string> = {
  a1111: "A1111",
  forge: "Forge",
  sd_next: "SD.Next",
  comfy_ui: "ComfyUI",
  swarm_ui: "SwarmUI",
  invoke_ai: "InvokeAI",
  fooocus: "Fooocus",
  stability_matrix: "Stability Matrix",
  plain: "Folder",
};

const states: Record<ItemState, string> = {
  matched: "Known",
  probable: "Probable",
  not_found: "Not known",
  pending: "Waiting",
  failed: "Unreadable",
};

const statesLong: Record<ItemState, string> = {
  matched: "Known to Civitai",
  probable: "Probably known",
  not_found: "Not known to Civitai",
  pending: "Waiting",
  failed: "Cannot be read",
};

const provenances: Record<Provenance, string> = {
  measured: "Read in full",
  imported: "Taken from another tool",
  quick: "Guessed from a small sample",
  claimed: "Claimed by Civitai",
};

const tools: Record<Tool, string> = {
  a1111: "A1111",
  forge: "Forge",
  sd_next: "SD.Next",
  fooocus: "Fooocus",
  lora_manager: "LoRA Manager",
  stability_matrix: "Stability Matrix",
  civitai_helper: "Civitai Helper",
  browser_plus: "Civitai Browser+",
  rgthree: "rgthree",
  invoke_ai: "InvokeAI",
  comfy_ui: "ComfyUI",
  kohya: "the kohya header",
  modelspec: "the modelspec header",
};

export const toolOr = (tool: Tool | null) => (tool === null ? "another tool" : tools[tool]);

export const upperFirst = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

const matches: Record<MatchedBy, string> = {
  sha256: "SHA-256 of the whole file",
  blake3: "BLAKE3 of the whole file",
  tensors: "Hash of its weights",
  embedded: "Hash in its header",
  archive_member: "The model in the archive",
  link: "Your link",
};

const kinds: Record<string, string> = {
  LORA: "LoRA",
  LoCon: "LyCORIS",
  TextualInversion: "Embedding",
  VAEApprox: "VAE preview",
  Controlnet: "ControlNet",
  DiffusionModel: "Diffusion model",
  TextEncoder: "Text encoder",
  CLIPVision: "CLIP vision",
  IPAdapter: "IP-Adapter",
  StyleModel: "Style model",
  MotionModule: "Motion module",
  ModelPatch: "Model patch",
  AudioEncoder: "Audio encoder",
  AestheticGradient: "Aesthetic gradient",
  VisionLanguage: "Vision language",
  ComfyWorkflows: "ComfyUI workflows",
};

export const names = {
  kind: (kind: string) => kinds[kind] ?? (kind === "" ? "Unknown" : kind),
  layout: (layout: Layout) => layouts[layout],
  state: (state: ItemState) => states[state],
  stateLong: (state: ItemState) => statesLong[state],
  provenance: (provenance: Provenance, tool: Tool | null = null) =>
    provenance === "imported" ? `Taken from ${toolOr(tool)}` : provenances[provenance],
  tool: (tool: Tool) => tools[tool],
  matchedBy: (by: MatchedBy) => matches[by],
};
