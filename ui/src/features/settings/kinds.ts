/** The kinds of files the engine tells apart, in its order and Civitai's spelling. */
export const kinds = [
  "Checkpoint", "LORA", "LoCon", "DoRA", "TextualInversion", "Hypernetwork", "VAE", "VAEApprox", "Controlnet", "Upscaler",
  "DiffusionModel", "UNet", "TextEncoder", "CLIP", "CLIPVision", "IPAdapter", "StyleModel", "MotionModule", "Detection",
  "SAM", "GLIGEN", "PhotoMaker", "ModelPatch", "AudioEncoder", "AestheticGradient", "VisionLanguage", "LLM", "Wildcards",
  "Poses", "Workflows", "ComfyWorkflows",
] as const;
