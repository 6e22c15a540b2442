//! LoRAs as the common trainers write them: tensor names per architecture, and kohya's `ss_*` header.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::noise::Noise;
use super::safetensors::{Dtype, SafetensorsFile};
use crate::catalogue::hex;

/// Naming scheme of the tensors, which is what tools sniff to tell architectures apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoraFormat {
    /// Stable Diffusion 1.x, kohya names.
    Sd1,
    /// SDXL and its descendants (Pony, Illustrious), kohya names.
    Sdxl,
    /// Flux, kohya names.
    Flux,
    /// Wan video, `diffusion_model.blocks` names with `lora_A`/`lora_B`.
    Wan,
    /// SD 1.x with convolution layers: a LoCon.
    LoCon,
    /// SDXL with magnitude vectors: a DoRA.
    Dora,
}

/// What kohya's trainer records about a training run.
#[derive(Clone, Debug)]
pub struct Training {
    /// `ss_output_name`: the file name without extension that the author trained under.
    pub output_name: String,
    /// `ss_base_model_version`, for example `sdxl_base_v1-0`.
    pub base_model_version: String,
    /// Tags and how often each occurred in the captions.
    pub tags: Vec<(String, u32)>,
    /// Unix seconds at which the training started.
    pub started_at: u64,
}

/// A LoRA to write.
#[derive(Clone, Debug)]
pub struct Lora {
    /// Naming scheme.
    pub format: LoraFormat,
    /// Rank: `ss_network_dim`.
    pub dim: usize,
    /// How many adapted layers to write; with the rank this sets the size.
    pub layers: usize,
    /// kohya header, absent in files stripped by their author.
    pub training: Option<Training>,
    /// `modelspec.*` title, which adds the whole `modelspec` block.
    pub modelspec_title: Option<String>,
    /// Makes the weights.
    pub seed: u64,
}

impl Lora {
    /// A LoRA without any header.
    pub fn new(format: LoraFormat, seed: u64) -> Self {
        Self { format, dim: 8, layers: 6, training: None, modelspec_title: None, seed }
    }

    /// The file as bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut file = SafetensorsFile::new(Noise::new(self.seed));
        for layer in 0..self.layers {
            self.layer(&mut file, layer);
        }
        if let Some(title) = &self.modelspec_title {
            self.modelspec(&mut file, title);
        }
        if let Some(training) = &self.training {
            self.kohya(&mut file, training);
        }
        file.write()
    }

    fn layer(&self, file: &mut SafetensorsFile, layer: usize) {
        const TARGETS: [&str; 4] = ["to_q", "to_k", "to_v", "to_out_0"];
        let target = TARGETS[layer % 4];
        let block = layer / 4;
        // Every fourth layer adapts the text encoder, as trainings of UNet and text encoder do.
        let text = layer % 4 == 3;
        let (stem, width) = match self.format {
            LoraFormat::Sd1 | LoraFormat::LoCon if text => {
                (format!("lora_te_text_model_encoder_layers_{block}_self_attn_q_proj"), 384)
            }
            LoraFormat::Sdxl | LoraFormat::Dora if text => {
                (format!("lora_te1_text_model_encoder_layers_{block}_self_attn_q_proj"), 384)
            }
            LoraFormat::Sd1 | LoraFormat::LoCon => {
                (format!("lora_unet_down_blocks_{block}_attentions_0_transformer_blocks_0_attn1_{target}"), 320)
            }
            LoraFormat::Sdxl | LoraFormat::Dora => {
                (format!("lora_unet_input_blocks_4_{block}_transformer_blocks_0_attn1_{target}"), 640)
            }
            LoraFormat::Flux => (
                match layer % 4 {
                    0 => format!("lora_unet_double_blocks_{block}_img_attn_qkv"),
                    1 => format!("lora_unet_double_blocks_{block}_img_attn_proj"),
                    2 => format!("lora_unet_double_blocks_{block}_txt_attn_qkv"),
                    _ => format!("lora_unet_single_blocks_{block}_linear1"),
                },
                512,
            ),
            LoraFormat::Wan => {
                (format!("diffusion_model.blocks.{block}.self_attn.{}", ["q", "k", "v", "o"][layer % 4]), 512)
            }
        };
        let dim = self.dim;
        if self.format == LoraFormat::Wan {
            file.tensor(format!("{stem}.lora_A.weight"), Dtype::Bf16, &[dim, width]);
            file.tensor(format!("{stem}.lora_B.weight"), Dtype::Bf16, &[width, dim]);
            return;
        }
        file.tensor(format!("{stem}.alpha"), Dtype::F16, &[]);
        file.tensor(format!("{stem}.lora_down.weight"), Dtype::F16, &[dim, width]);
        file.tensor(format!("{stem}.lora_up.weight"), Dtype::F16, &[width, dim]);
        match self.format {
            LoraFormat::LoCon => {
                file.tensor(format!("{stem}.lora_mid.weight"), Dtype::F16, &[dim, dim, 3, 3]);
            }
            LoraFormat::Dora => {
                file.tensor(format!("{stem}.dora_scale"), Dtype::F16, &[width, 1]);
            }
            LoraFormat::Sd1 | LoraFormat::Sdxl | LoraFormat::Flux | LoraFormat::Wan => {}
        }
    }

    fn modelspec(&self, file: &mut SafetensorsFile, title: &str) {
        let architecture = match self.format {
            LoraFormat::Sd1 | LoraFormat::LoCon => "stable-diffusion-v1/lora",
            LoraFormat::Sdxl | LoraFormat::Dora => "stable-diffusion-xl-v1-base/lora",
            LoraFormat::Flux => "flux-1-dev/lora",
            LoraFormat::Wan => "wan2.1/lora",
        };
        let hash = file.tensor_hash();
        file.metadata("modelspec.sai_model_spec", "1.0.1")
            .metadata("modelspec.title", title)
            .metadata("modelspec.architecture", architecture)
            .metadata("modelspec.author", "Studio Vellum")
            .metadata("modelspec.date", "2025-06-14T10:21:07")
            .metadata("modelspec.prediction_type", "epsilon")
            .metadata("modelspec.resolution", "1024x1024")
            .metadata("modelspec.hash_sha256", format!("0x{hash}"));
    }

    fn kohya(&self, file: &mut SafetensorsFile, training: &Training) {
        // kohya counts per image folder. Sorted maps, so that the bytes do not depend on serde_json's features.
        let tags: BTreeMap<&str, u32> = training.tags.iter().map(|(tag, count)| (tag.as_str(), *count)).collect();
        let folder = format!("10_{}", training.output_name);
        let tag_frequency =
            serde_json::to_string(&BTreeMap::from([(folder, tags)])).expect("text keys and numbers always serialise");
        let module = match self.format {
            LoraFormat::Sd1 | LoraFormat::Sdxl => "networks.lora",
            LoraFormat::Flux => "networks.lora_flux",
            LoraFormat::Wan => "networks.lora_wan",
            LoraFormat::LoCon | LoraFormat::Dora => "lycoris.kohya",
        };
        file.metadata("ss_output_name", &training.output_name)
            .metadata("ss_base_model_version", &training.base_model_version)
            .metadata("ss_network_module", module)
            .metadata("ss_network_dim", self.dim.to_string())
            .metadata("ss_network_alpha", (self.dim / 2).to_string())
            .metadata("ss_tag_frequency", tag_frequency)
            .metadata("ss_num_epochs", "10")
            .metadata("ss_steps", "1800")
            .metadata("ss_learning_rate", "0.0001")
            .metadata("ss_resolution", "(1024, 1024)")
            .metadata("ss_training_started_at", format!("{}.0", training.started_at))
            .metadata("ss_sd_scripts_commit_hash", "e1d1a4b0c7");
        // kohya hashes the file as it stands before the two sshs keys are added.
        let draft = file.write();
        let window = draft.get(0x10_0000..).unwrap_or_default();
        let legacy = hex(&Sha256::digest(&window[..window.len().min(0x1_0000)]));
        let model = file.tensor_hash();
        file.metadata("sshs_model_hash", model);
        file.metadata("sshs_legacy_hash", &legacy[..8]);
    }
}
