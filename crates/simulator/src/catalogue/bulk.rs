//! Catalogues of thousands of tiny models.

use super::{Catalogue, FileSpec, ModelSpec, VersionSpec};
use crate::weights::{Lora, LoraFormat, Noise};

/// Builds `count` models. A file is about 2 KiB: one layer of rank 1.
pub(super) fn build(count: usize, seed: u64) -> Catalogue {
    let mut builder = Catalogue::builder();
    let mut noise = Noise::new(seed);
    for number in 0..count {
        let lora = Lora { dim: 1, layers: 1, ..Lora::new(LoraFormat::Sd1, noise.next_u64()) };
        let model = builder.model(ModelSpec::new(format!("Bulk {number:05}"), "LORA"));
        let version = builder.version(model, VersionSpec::new("v1.0", "SD 1.5"));
        builder.file(version, FileSpec::new(format!("bulk_{number:05}.safetensors"), lora.write()));
    }
    builder.build()
}
