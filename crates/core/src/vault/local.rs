//! Which files count as having an item here. Pure: the store brings the candidates.
//!
//! A version may come with a VAE or a text encoder of its own; having only that is not having the model.

use crate::resolve::kind_of_file_type;
use crate::roots::ModelKind;

/// Whether a file of a version is a model like the version's, not something that belongs to it. `file_kind` is what the
/// file was found to be, `None` where that was not told.
pub(crate) fn is_model_of(item_kind: &ModelKind, file_kind: Option<&ModelKind>) -> bool {
    match file_kind {
        Some(ModelKind::Vae | ModelKind::VaeApprox) => *item_kind == ModelKind::Vae,
        Some(ModelKind::TextEncoder) => matches!(item_kind, ModelKind::TextEncoder | ModelKind::Clip),
        Some(ModelKind::ClipVision) => *item_kind == ModelKind::ClipVision,
        // The negative embedding of another kind of model.
        Some(ModelKind::TextualInversion) => *item_kind == ModelKind::TextualInversion,
        Some(ModelKind::Lora) => matches!(item_kind, ModelKind::Lora | ModelKind::Locon | ModelKind::Dora),
        // A checkpoint's weights may be a bare denoiser, and kinds that nobody here knows are taken at their word.
        Some(_) | None => true,
    }
}

/// As [`is_model_of`], by the type that Civitai gives the file.
pub(crate) fn is_model_file(item_kind: &ModelKind, file_type: &str) -> bool {
    let is_side = matches!(file_type, "Training Data" | "Config" | "Archive" | "Workflow");
    !is_side && is_model_of(item_kind, kind_of_file_type(file_type).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoints_vae_is_not_the_checkpoint() {
        let checkpoint = ModelKind::Checkpoint;
        assert!(!is_model_of(&checkpoint, Some(&ModelKind::Vae)));
        assert!(!is_model_of(&checkpoint, Some(&ModelKind::TextEncoder)));
        assert!(is_model_of(&checkpoint, Some(&ModelKind::DiffusionModel)));
        assert!(is_model_of(&checkpoint, None));
        assert!(is_model_file(&checkpoint, "Pruned Model") && !is_model_file(&checkpoint, "Training Data"));
        assert!(!is_model_file(&checkpoint, "Enhancement LoRA") && is_model_file(&ModelKind::Locon, "Model"));
        assert!(is_model_of(&ModelKind::Vae, Some(&ModelKind::Vae)));
        assert!(is_model_of(&ModelKind::Clip, Some(&ModelKind::TextEncoder)));
    }
}
