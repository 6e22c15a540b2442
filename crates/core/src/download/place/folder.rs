//! Which folder of a root a UI loads a kind from.
//!
//! Only folders that the layout knows, and that a scan therefore looks into: what was downloaded has to appear in the
//! library. Wildcards and workflows have a place in some UIs, but as text; what can be downloaded of them are archives,
//! which nothing loads from there, so the user is asked for a folder.

use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};
use crate::roots::{Layout, ModelFolder, ModelKind};

/// A root with what its layout says about it.
#[derive(Clone, Copy)]
pub struct RootFolders<'a> {
    /// Which convention it follows.
    pub layout: Layout,
    /// Absolute.
    pub root: &'a Path,
    /// As [`crate::roots::model_folders`] has them, in that order.
    pub folders: &'a [ModelFolder],
    /// Whether a folder is there. Asked only about extensions: a folder made in the name of one that is not installed
    /// would keep it from being installed.
    pub exists: &'a (dyn Fn(&Path) -> bool + Sync),
}

impl std::fmt::Debug for RootFolders<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RootFolders").field("layout", &self.layout).field("root", &self.root).finish_non_exhaustive()
    }
}

/// Upscalers that A1111 and its relatives load only from the folder of their architecture, as file names tell it.
/// Everything else goes to `ESRGAN`, whose loader only warns of another architecture and uses it all the same.
const ARCHITECTURES: &[(&str, &str)] = &[
    ("swinir", "SwinIR"),
    ("bsrgan", "BSRGAN"),
    ("scunet", "ScuNET"),
    ("ldsr", "LDSR"),
    ("gfpgan", "GFPGAN"),
    ("codeformer", "Codeformer"),
];

/// The folder that this root's UI loads a file of this kind from.
///
/// An error where it loads none: no guess ends up in a folder that nothing reads.
pub fn folder_for(root: &RootFolders<'_>, kind: &ModelKind, file_name: &str) -> Result<PathBuf> {
    match root.layout {
        Layout::Plain => return Ok(root.root.to_owned()),
        Layout::InvokeAi => {
            return Err(Error::invalid(format!(
                "InvokeAI manages the models in `{}` itself; nothing is put there",
                root.root.display()
            ))
            .hint("Download it to another folder, then add it from there in InvokeAI's Model Manager"));
        }
        _ => {}
    }
    let folder =
        listed_as(root.layout, kind).and_then(|listed| root.first_choice(&listed, file_name)).ok_or_else(|| {
            let what = if kind.is_unknown() { "files of an unknown kind" } else { kind.label() };
            Error::invalid(format!("{} in `{}` has no folder for: {what}", root.layout, root.root.display()))
                .hint("Choose another root, or choose a folder for this kind in Settings")
        })?;
    match root.extension_of(&folder).filter(|extension| !(root.exists)(extension)) {
        Some(missing) => Err(Error::invalid(format!(
            "{} needs the extension in `{}` for: {}, and it is not installed",
            root.layout,
            missing.display(),
            kind.label()
        ))
        .hint("Install the extension, choose another root, or choose a folder for this kind in Settings")),
        None => Ok(folder),
    }
}

/// Under which kind a layout's folders list what a UI loads another kind from; `None` if it loads it from nowhere.
fn listed_as(layout: Layout, kind: &ModelKind) -> Option<ModelKind> {
    use Layout::{A1111, ComfyUi, Fooocus, Forge, InvokeAi, Plain, SdNext, StabilityMatrix, SwarmUi};
    use ModelKind as K;
    let only = |layouts: &[Layout], listed: K| layouts.contains(&layout).then_some(listed);
    match kind {
        K::Checkpoint | K::Lora | K::TextualInversion | K::Vae | K::Controlnet | K::Upscaler => Some(kind.clone()),
        K::Dora => Some(K::Lora),
        // Where there is a folder of its own; everybody else loads it as the LoRA it is.
        K::Locon => match layout {
            A1111 | Forge | StabilityMatrix => Some(K::Locon),
            SdNext | ComfyUi | SwarmUi | Fooocus | InvokeAi | Plain => Some(K::Lora),
        },
        K::DiffusionModel | K::Unet => match layout {
            // Forge loads them from among its checkpoints; A1111 and Fooocus only know whole checkpoints.
            Forge => Some(K::Checkpoint),
            SdNext | ComfyUi | SwarmUi | StabilityMatrix => Some(K::DiffusionModel),
            A1111 | Fooocus | InvokeAi | Plain => None,
        },
        K::TextEncoder | K::Clip => only(&[Forge, SdNext, ComfyUi, SwarmUi, Fooocus, StabilityMatrix], K::TextEncoder),
        K::ClipVision => only(&[ComfyUi, SwarmUi, Fooocus, StabilityMatrix], K::ClipVision),
        K::Hypernetwork => only(&[A1111, Forge, SdNext, ComfyUi, StabilityMatrix], K::Hypernetwork),
        K::VaeApprox => only(&[A1111, Forge, ComfyUi, Fooocus, StabilityMatrix], K::VaeApprox),
        K::IpAdapter => match layout {
            // The ControlNet extension loads them.
            A1111 | Forge | Fooocus => Some(K::Controlnet),
            ComfyUi | StabilityMatrix => Some(K::IpAdapter),
            SdNext | SwarmUi | InvokeAi | Plain => None,
        },
        K::MotionModule => only(&[A1111, Forge, ComfyUi], K::MotionModule),
        K::Detection => only(&[A1111, Forge, SdNext, ComfyUi, SwarmUi, StabilityMatrix], K::Detection),
        K::Sam => only(&[ComfyUi, Fooocus, StabilityMatrix], K::Sam),
        K::StyleModel => only(&[ComfyUi, StabilityMatrix], K::StyleModel),
        K::Gligen => only(&[ComfyUi, Fooocus, StabilityMatrix], K::Gligen),
        K::PhotoMaker => only(&[ComfyUi], K::PhotoMaker),
        // SwarmUI lists them among the folders of its ControlNets.
        K::ModelPatch => only(&[ComfyUi, SwarmUi, StabilityMatrix], K::ModelPatch),
        K::AudioEncoder => only(&[ComfyUi, StabilityMatrix], K::AudioEncoder),
        K::AestheticGradient => only(&[A1111, Forge], K::AestheticGradient),
        K::VisionLanguage | K::Llm => only(&[ComfyUi], K::Llm),
        // Kept there by the browsers that people use in them.
        K::Poses => only(&[A1111, Forge], K::Poses),
        K::Workflows => only(&[A1111, Forge], K::Workflows),
        K::Wildcards | K::ComfyWorkflows | K::Other(_) => None,
    }
}

impl RootFolders<'_> {
    /// The right one of the folders that are listed under a kind: layouts list the usual one first.
    fn first_choice(&self, listed: &ModelKind, file_name: &str) -> Option<PathBuf> {
        let of = |kind: &ModelKind| -> Vec<&Path> {
            self.folders.iter().filter(|folder| folder.kind == *kind).map(|folder| folder.path.as_path()).collect()
        };
        let usual = of(listed);
        let folder = match (self.layout, listed) {
            (Layout::A1111 | Layout::Forge | Layout::SdNext | Layout::StabilityMatrix, ModelKind::Upscaler) => {
                self.upscaler_folder(&usual, file_name)
            }
            // `--ckpt-dir` and its like add a folder, and nobody gives them without wanting models there.
            (Layout::A1111 | Layout::Forge, _) => self.moved(&usual).or_else(|| usual.first().copied()),
            (Layout::SwarmUi, ModelKind::ModelPatch) => {
                of(&ModelKind::Controlnet).into_iter().find(|folder| is_named(folder, "model_patches"))
            }
            // ComfyUI's `diffusion_models`, `text_encoders` and `upscale_models` come before the older names and the
            // special cases, and before them those of a section that says `is_default`.
            _ => usual.first().copied(),
        }?;
        if self.layout == Layout::ComfyUi && *listed == ModelKind::Detection && is_named(folder, "ultralytics") {
            // The nodes list these two apart: detectors that give boxes, and those that give outlines as well.
            let is_segmenting = file_name.to_ascii_lowercase().contains("seg");
            return Some(folder.join(if is_segmenting { "segm" } else { "bbox" }));
        }
        Some(folder.to_owned())
    }

    fn upscaler_folder<'f>(&self, folders: &[&'f Path], file_name: &str) -> Option<&'f Path> {
        let named = |name: &str| folders.iter().find(|folder| is_named(folder, name)).copied();
        let letters: String = file_name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        let architecture = ARCHITECTURES.iter().find(|(hint, _)| letters.contains(hint));
        architecture
            .and_then(|(_, name)| named(name))
            .or_else(|| named("ESRGAN"))
            // Flags that move upscalers are listed in the order of their folders, so ESRGAN's comes first.
            .or_else(|| self.moved(folders))
            .or_else(|| folders.first().copied())
    }

    /// The first folder that lies where no default of a web UI does.
    fn moved<'f>(&self, folders: &[&'f Path]) -> Option<&'f Path> {
        let is_usual = |folder: &Path| {
            let general = self.folders.iter().filter(|general| general.kind.is_unknown());
            self.extension_of(folder).is_some() || general.into_iter().any(|general| folder.starts_with(&general.path))
        };
        folders.iter().find(|folder| !is_usual(folder)).copied()
    }

    /// The extension of a web UI, or the custom node of `ComfyUI`, that a folder lies in.
    fn extension_of(&self, folder: &Path) -> Option<PathBuf> {
        // Installations lie in folders of any name; only what is below counts.
        let (mut above, below) = match folder.strip_prefix(self.root) {
            Ok(below) => (self.root.to_owned(), below),
            Err(_) => (PathBuf::new(), folder),
        };
        let mut components = below.components();
        while let Some(component) = components.next() {
            above.push(component);
            if matches!(component, Component::Normal(name) if name == "extensions" || name == "custom_nodes") {
                above.push(components.next()?);
                return Some(above);
            }
        }
        None
    }
}

fn is_named(folder: &Path, name: &str) -> bool {
    folder.file_name().is_some_and(|own| own.eq_ignore_ascii_case(name))
}
