//! Whether a folder is one for a kind of model. Pure.
//!
//! Kinds that one loader takes from one folder are one family, and so are those that Civitai's authors and the UIs' own
//! folders mix up: a wrong claim that a file is in the wrong place costs more than one that is missed.

use crate::roots::ModelKind;

#[derive(PartialEq, Eq)]
enum Family {
    Whole,
    Lora,
    Encoder,
    Vae,
    Control,
    One(ModelKind),
}

/// `None`: nothing is claimed about such files.
fn family(kind: &ModelKind) -> Option<Family> {
    use ModelKind as K;
    Some(match kind {
        // Civitai calls a bare denoiser a checkpoint as often as not.
        K::Checkpoint | K::DiffusionModel | K::Unet => Family::Whole,
        K::Lora | K::Locon | K::Dora => Family::Lora,
        K::TextEncoder | K::Clip | K::Llm | K::VisionLanguage => Family::Encoder,
        K::Vae | K::VaeApprox => Family::Vae,
        // A1111's ControlNet loads IP-Adapters, and SwarmUI keeps patches there.
        K::Controlnet | K::IpAdapter | K::ModelPatch => Family::Control,
        K::TextualInversion | K::Hypernetwork | K::Upscaler => Family::One(kind.clone()),
        K::ClipVision
        | K::StyleModel
        | K::MotionModule
        | K::Detection
        | K::Sam
        | K::Gligen
        | K::PhotoMaker
        | K::AudioEncoder
        | K::AestheticGradient
        | K::Wildcards
        | K::Poses
        | K::Workflows
        | K::ComfyWorkflows
        | K::Other(_) => return None,
    })
}

/// Whether a file of this kind may lie in a folder for that one.
pub(super) fn fits(folder: &ModelKind, kind: &ModelKind) -> bool {
    match (family(folder), family(kind)) {
        (Some(folder), Some(kind)) => folder == kind,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_loader_would_find_is_in_the_wrong_folder() {
        use ModelKind as K;
        let wrong = [
            (K::Checkpoint, K::Lora),
            (K::Lora, K::Checkpoint),
            (K::Lora, K::TextualInversion),
            (K::Checkpoint, K::Vae),
            (K::Vae, K::Checkpoint),
            (K::Upscaler, K::Lora),
            (K::DiffusionModel, K::TextEncoder),
        ];
        for (folder, kind) in wrong {
            assert!(!fits(&folder, &kind), "{kind} in a folder for {folder}");
        }
        let right = [
            (K::Lora, K::Locon),
            (K::Locon, K::Dora),
            (K::Checkpoint, K::DiffusionModel),
            (K::DiffusionModel, K::Checkpoint),
            (K::TextEncoder, K::Clip),
            (K::Controlnet, K::IpAdapter),
            (K::MotionModule, K::Lora),
            (K::Checkpoint, K::Other("HoloModel".to_owned())),
            (K::unknown(), K::Lora),
            (K::Lora, K::Workflows),
        ];
        for (folder, kind) in right {
            assert!(fits(&folder, &kind), "{kind} in a folder for {folder}");
        }
    }
}
