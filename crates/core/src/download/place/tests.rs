//! Placement against the conventions, and what nobody's input may do to it.

use std::fmt::Write as _;

use typed_path::Utf8WindowsPath;

use super::*;
use crate::download::name::{Fallback, SafeExtension, safe_name};
use crate::roots::{ModelFolder, model_folders};
use crate::units::VersionId;

/// Every `ModelType` of Civitai, in its order.
const MODEL_TYPES: [&str; 23] = [
    "Checkpoint",
    "TextualInversion",
    "Hypernetwork",
    "AestheticGradient",
    "LORA",
    "LoCon",
    "DoRA",
    "Controlnet",
    "Upscaler",
    "MotionModule",
    "VAE",
    "TextEncoder",
    "UNet",
    "CLIPVision",
    "Poses",
    "Wildcards",
    "Workflows",
    "ComfyWorkflows",
    "Detection",
    "VisionLanguage",
    "CLIP",
    "LLM",
    "Other",
];

/// Every `ModelFileType` of Civitai, in its order.
const FILE_TYPES: [&str; 17] = [
    "Model",
    "Text Encoder",
    "Vision Encoder",
    "Pruned Model",
    "Negative",
    "Training Data",
    "VAE",
    "Config",
    "Archive",
    "UNet",
    "Diffusion Model",
    "CLIPVision",
    "ControlNet",
    "Workflow",
    "Upscaler",
    "Enhancement LoRA",
    "Other",
];

/// Kinds that only folders tell apart.
const FOLDER_KINDS: [ModelKind; 9] = [
    ModelKind::VaeApprox,
    ModelKind::IpAdapter,
    ModelKind::StyleModel,
    ModelKind::Sam,
    ModelKind::Gligen,
    ModelKind::PhotoMaker,
    ModelKind::ModelPatch,
    ModelKind::AudioEncoder,
    ModelKind::DiffusionModel,
];

/// A root whose configuration says nothing, with every extension installed.
fn root(layout: Layout) -> (Layout, Vec<ModelFolder>) {
    (layout, model_folders(layout, Path::new("/ui")))
}

fn folders((layout, folders): &(Layout, Vec<ModelFolder>)) -> RootFolders<'_> {
    RootFolders { layout: *layout, root: Path::new("/ui"), folders, exists: &|_| true }
}

fn name(text: &str) -> FileName {
    let extension = SafeExtension::of(text).unwrap_or(SafeExtension::SAFETENSORS);
    safe_name(text, extension, Fallback::Version { model: None, version: VersionId(1) })
}

fn facts(kind: &ModelKind) -> PathFacts<'_> {
    PathFacts {
        base_model: Some("Flux.1 D"),
        creator: Some("A/B"),
        model: Some("Model: the best"),
        version: Some("v1.5"),
        kind,
        tag: None,
    }
}

#[test]
fn every_model_type_has_its_folder_in_every_layout() {
    let mut table = String::new();
    let kinds = MODEL_TYPES.iter().map(|text| ModelKind::from(*text)).chain(FOLDER_KINDS);
    for kind in kinds {
        writeln!(table, "{kind}").unwrap();
        for layout in Layout::ALL {
            let root = root(layout);
            let place = match folder_for(&folders(&root), &kind, "model.safetensors") {
                Ok(folder) => folder.strip_prefix("/ui").unwrap().display().to_string() + "/",
                Err(_) => "-".to_owned(),
            };
            writeln!(table, "  {:<16} {place}", layout.as_str()).unwrap();
        }
    }
    insta::assert_snapshot!("folders", table);
}

#[test]
fn what_is_placed_appears_in_the_library() {
    for layout in Layout::ALL {
        let root = root(layout);
        let plan = crate::roots::ScanPlan::new(root.1.clone());
        let placed = ModelKind::NAMED.iter().filter_map(|kind| folder_for(&folders(&root), kind, "a.pt").ok());
        for folder in placed {
            assert!(plan.top_of(&folder).is_some(), "{layout}: {}", folder.display());
        }
    }
}

#[test]
fn every_file_type_says_what_it_is_before_its_model_does() {
    let mut table = String::new();
    for file_type in FILE_TYPES {
        let kind = |model: ModelKind, base| place_kind(file_type, &model, Some(base), "model.safetensors");
        let (checkpoint, flux) = (kind(ModelKind::Checkpoint, "SDXL 1.0"), kind(ModelKind::Checkpoint, "Flux.1 D"));
        let lora = kind(ModelKind::Lora, "Flux.1 D");
        writeln!(table, "{file_type:<17} checkpoint: {checkpoint:<17} of Flux: {flux:<17} LoRA: {lora}").unwrap();
    }
    insta::assert_snapshot!("kinds", table);
}

#[test]
fn a_checkpoint_is_placed_by_its_family_and_by_what_its_name_says() {
    use ModelKind::{Checkpoint, DiffusionModel, Vae};
    let cases = [
        ("SDXL 1.0", "a.safetensors", Checkpoint),
        ("SD 1.5", "a.vae.pt", Vae),
        ("SD 1.5", "A.VAE.safetensors", Vae),
        ("Flux.1 D", "fluxDev.safetensors", DiffusionModel),
        ("Flux.1 Kontext", "kontext.safetensors", DiffusionModel),
        ("Flux.2 Klein 9B-base", "klein.safetensors", DiffusionModel),
        ("flux.1 s", "schnell.safetensors", DiffusionModel),
        ("Flux.1 D", "fluxDevAIO_v10.safetensors", Checkpoint),
        ("Flux.1 S", "flux schnell aio.safetensors", Checkpoint),
        ("Flux.1 D", "flux_all-in-one.safetensors", Checkpoint),
        ("Wan Video 2.2 T2V-A14B", "wan.safetensors", DiffusionModel),
        ("Qwen", "q.safetensors", DiffusionModel),
        ("ZImageTurbo", "z.safetensors", DiffusionModel),
        ("HiDream", "h.safetensors", DiffusionModel),
        ("Chroma", "c.safetensors", DiffusionModel),
        ("Hunyuan Video", "h.safetensors", DiffusionModel),
        ("Anima", "a.safetensors", DiffusionModel),
        ("Animagine", "a.safetensors", Checkpoint),
        // ComfyUI loads these as checkpoints.
        ("LTXV2", "ltx.safetensors", Checkpoint),
        ("SVD", "svd.safetensors", Checkpoint),
        ("Hunyuan 1", "h.safetensors", Checkpoint),
        ("SD 3.5 Large", "sd35.safetensors", Checkpoint),
        ("SDXL 1.0", "a.Q4_K_M.gguf", DiffusionModel),
        ("模型", "a.safetensors", Checkpoint),
        ("", "", Checkpoint),
    ];
    for (base_model, file, expected) in cases {
        assert_eq!(place_kind("Model", &Checkpoint, Some(base_model), file), expected, "{base_model}: {file}");
    }
    assert_eq!(place_kind("Model", &Checkpoint, None, "a.safetensors"), Checkpoint);
    assert_eq!(place_kind("Hologram", &ModelKind::Unet, None, "a.safetensors"), DiffusionModel);
    assert_eq!(place_kind("Workflow", &ModelKind::ComfyWorkflows, None, "a.zip"), ModelKind::ComfyWorkflows);
}

#[test]
fn upscalers_go_where_their_architecture_is_loaded() {
    let cases = [
        ("4x-UltraSharp.pth", "ESRGAN"),
        ("RealESRGAN_x4plus.pth", "ESRGAN"),
        ("003_realSR_SwinIR-L_x4.pth", "SwinIR"),
        ("GFPGANv1.4.pth", "GFPGAN"),
        ("codeformer-v0.1.0.pth", "Codeformer"),
    ];
    for layout in [Layout::A1111, Layout::Forge, Layout::SdNext, Layout::StabilityMatrix] {
        let root = root(layout);
        for (file, expected) in cases {
            let folder = folder_for(&folders(&root), &ModelKind::Upscaler, file).unwrap();
            assert!(folder.ends_with(expected), "{layout}: {file} in {}", folder.display());
        }
    }
}

#[test]
fn comfyui_keeps_detectors_that_outline_apart() {
    let root = root(Layout::ComfyUi);
    let folder = |file| folder_for(&folders(&root), &ModelKind::Detection, file).unwrap();
    assert_eq!(folder("face_yolov8n.pt"), Path::new("/ui/models/ultralytics/bbox"));
    assert_eq!(folder("person_yolov8n-seg.pt"), Path::new("/ui/models/ultralytics/segm"));
}

#[test]
fn folders_that_a_users_flags_name_are_preferred() {
    let dir = tempfile::tempdir().unwrap();
    let flags = "--ckpt-dir '/big/sd' --lora-dir /nas/loras --esrgan-models-path /nas/up --swinir-models-path /nas/sw";
    std::fs::write(dir.path().join("webui-user.sh"), format!("export COMMANDLINE_ARGS=\"{flags}\"\n")).unwrap();
    for layout in [Layout::A1111, Layout::Forge] {
        let own = model_folders(layout, dir.path());
        let root = RootFolders { layout, root: dir.path(), folders: &own, exists: &|_| true };
        let folder = |kind| folder_for(&root, &kind, "a.safetensors").unwrap();
        assert_eq!(folder(ModelKind::Checkpoint), Path::new("/big/sd"));
        assert_eq!(folder(ModelKind::Lora), Path::new("/nas/loras"));
        assert_eq!(folder(ModelKind::Upscaler), Path::new("/nas/up"));
        assert_eq!(folder(ModelKind::Vae), dir.path().join("models/VAE"));
        assert_eq!(folder(ModelKind::Controlnet), dir.path().join("models/ControlNet"));
        assert_eq!(folder(ModelKind::TextualInversion), dir.path().join("embeddings"));
    }
}

#[test]
fn a_default_section_of_comfyuis_yaml_is_preferred() {
    let dir = tempfile::tempdir().unwrap();
    let yaml = "a:\n  base_path: /big\n  is_default: true\n  unet: unet\n  loras: loras\nb:\n  vae: /other/vae\n";
    std::fs::write(dir.path().join("extra_model_paths.yaml"), yaml).unwrap();
    let own = model_folders(Layout::ComfyUi, dir.path());
    let root = RootFolders { layout: Layout::ComfyUi, root: dir.path(), folders: &own, exists: &|_| true };
    let folder = |kind| folder_for(&root, &kind, "a.safetensors").unwrap();
    assert_eq!(folder(ModelKind::DiffusionModel), Path::new("/big/unet"));
    assert_eq!(folder(ModelKind::Dora), Path::new("/big/loras"));
    assert_eq!(folder(ModelKind::Vae), dir.path().join("models/vae"));
}

#[test]
fn an_extension_that_is_not_installed_gets_no_folder() {
    let (layout, own) = root(Layout::A1111);
    let root = RootFolders { layout, root: Path::new("/ui"), folders: &own, exists: &|_| false };
    let error = folder_for(&root, &ModelKind::MotionModule, "mm.ckpt").unwrap_err();
    assert!(error.message.contains("`/ui/extensions/sd-webui-animatediff`"), "{}", error.message);
    assert!(folder_for(&root, &ModelKind::Lora, "a.safetensors").is_ok());
}

#[test]
fn a_root_in_a_folder_called_extensions_is_a_root_like_any_other() {
    let path = Path::new("/extensions/webui");
    let own = model_folders(Layout::Forge, path);
    let root = RootFolders { layout: Layout::Forge, root: path, folders: &own, exists: &|_| false };
    let folder = folder_for(&root, &ModelKind::Checkpoint, "a.safetensors").unwrap();
    assert_eq!(folder, Path::new("/extensions/webui/models/Stable-diffusion"));
}

#[test]
fn an_error_says_what_else_can_be_done() {
    let (fooocus, invoke) = (root(Layout::Fooocus), root(Layout::InvokeAi));
    let error = folder_for(&folders(&fooocus), &ModelKind::DiffusionModel, "a.safetensors").unwrap_err();
    assert_eq!(error.message, "Fooocus in `/ui` has no folder for: Diffusion model");
    assert!(error.hint.unwrap().contains("another root"));
    let error = folder_for(&folders(&invoke), &ModelKind::Lora, "a.safetensors").unwrap_err();
    assert!(error.hint.unwrap().contains("Model Manager"));
}

#[test]
fn invokeai_is_left_alone_whatever_the_user_chose() {
    let root = root(Layout::InvokeAi);
    let mut rules = PlaceRules::default();
    rules.overrides.insert(ModelKind::Lora, "models".to_owned());
    let kind = ModelKind::Lora;
    assert!(plan_path(&folders(&root), &rules, &kind, &facts(&kind), name("a.safetensors")).is_err());
}

#[test]
fn a_plan_puts_folder_subfolder_and_name_together() {
    let root = root(Layout::ComfyUi);
    let mut rules =
        PlaceRules { template: Template::parse("{base_model}/by {creator}/{tag}").unwrap(), ..Default::default() };
    let kind = ModelKind::Lora;
    let plan = |rules: &PlaceRules| plan_path(&folders(&root), rules, &kind, &facts(&kind), name("a.pt")).unwrap();
    let planned = plan(&rules);
    assert_eq!(planned.path, Path::new("/ui/models/loras/Flux.1 D/by A_B/a.pt"));
    assert_eq!(planned.folder.join(&planned.name), planned.path);
    rules.overrides.insert(ModelKind::Lora, "models/loras/new".to_owned());
    assert_eq!(plan(&rules).folder, Path::new("/ui/models/loras/new/Flux.1 D/by A_B"));
    rules.overrides.insert(ModelKind::Lora, "/ui/mine/".to_owned());
    assert_eq!(plan(&rules).folder, Path::new("/ui/mine/Flux.1 D/by A_B"));
}

#[test]
fn a_chosen_folder_lies_inside_its_root() {
    for bad in ["..", "../x", "a/../../x", "/etc", "/ui/../etc", "/uix", "", "  ", "/", "a\0b", "/ui/.."] {
        let mut rules = PlaceRules::default();
        rules.overrides.insert(ModelKind::Lora, bad.to_owned());
        assert!(rules.check(Path::new("/ui")).is_err(), "{bad:?}");
    }
    for good in ["models", "./models", "a/b/c", "/ui", "/ui/x", " models "] {
        let mut rules = PlaceRules::default();
        rules.overrides.insert(ModelKind::Lora, good.to_owned());
        assert!(rules.check(Path::new("/ui")).is_ok(), "{good:?}");
    }
}

#[test]
fn being_inside_is_a_matter_of_components() {
    for (path, inside) in [
        ("/ui/a", true),
        ("/ui/a/b", true),
        ("/ui/./a", true),
        ("/ui", false),
        ("/uia", false),
        ("/ui/..", false),
        ("/ui/a/../../b", false),
        ("/other", false),
        ("ui/a", false),
    ] {
        assert_eq!(is_inside(Path::new("/ui"), Path::new(path)), inside, "{path}");
    }
}

#[test]
fn a_template_that_could_lead_elsewhere_is_refused_where_it_goes_wrong() {
    let cases = [
        ("/a", 1),
        ("a//b", 3),
        ("a/", 3),
        ("..", 1),
        ("a/../b", 3),
        ("a/./b", 3),
        ("C:/x", 2),
        ("a\\b", 2),
        ("{base_model}/{nothing}", 14),
        ("{base_model", 1),
        ("a{b", 2),
        ("a}b", 2),
        ("a{}b", 2),
        ("{{model}}", 1),
        ("x/CON", 3),
        ("x/-{model}", 3),
        ("x/{model}.", 3),
        ("x/ {model}", 3),
        ("x/~", 3),
        ("é/{x}", 3),
        ("a/b/c/d/e/f/g/h/i", 17),
        ("a\u{202e}b", 1),
        ("a\nb", 2),
        ("~/x", 1),
    ];
    for (text, position) in cases {
        let error = Template::parse(text).unwrap_err();
        assert!(error.message.contains(&format!("character {position}:")), "{text:?}: {}", error.message);
    }
    assert!(Template::parse(&"a".repeat(401)).unwrap_err().message.contains("character 401:"));
    for text in
        ["", "a", "{base_model}", "a/b/c/d/e/f/g/h", "{kind}/{base_model} ({creator})/{model} {version}", "v1.5/{tag}"]
    {
        assert_eq!(Template::parse(text).unwrap().as_str(), text);
    }
}

#[test]
fn a_folder_without_a_value_is_left_out() {
    let template = Template::parse("{kind}/{tag}/{model} - {version}/{creator} {tag}/x").unwrap();
    assert_eq!(template.render(&facts(&ModelKind::Dora)), Path::new("DoRA/Model_ the best - v1.5/x"));
    let nothing = PathFacts {
        base_model: None,
        creator: Some(" . "),
        model: Some(".."),
        version: Some(""),
        kind: &ModelKind::unknown(),
        tag: Some("\u{200b}"),
    };
    let template = Template::parse("{kind}/{base_model}/{creator}/{model}/{version}/{tag}").unwrap();
    assert_eq!(template.render(&nothing), Path::new(""));
}

#[test]
fn no_value_leads_out_of_the_root_or_makes_a_device() {
    let template = Template::parse("{model}/{creator}{version}/x {tag}").unwrap();
    let corpus = include_str!("../name/corpus.txt").lines().filter(|line| !line.starts_with("# "));
    let evil = ["..", "../..", "..\\..", "/etc", "C:\\x", "\\\\h\\s", "CO", "N", "NUL", ".", "\0", "a:b", "\u{202e}"];
    let mut tried = 0;
    for value in corpus.chain(evil) {
        let facts = PathFacts {
            base_model: None,
            creator: Some("CO"),
            model: Some(value),
            version: Some(if value == "N" { "N" } else { value }),
            kind: &ModelKind::Lora,
            tag: Some(value),
        };
        let below = template.render(&facts);
        let text = below.to_str().unwrap();
        assert!(text.is_empty() || is_inside(Path::new("/ui"), &Path::new("/ui").join(&below)), "{value:?}: {text:?}");
        let windows = Utf8WindowsPath::new("C:\\ui").join(text.replace('/', "\\"));
        assert!(windows.starts_with("C:\\ui") && windows.normalize() == windows, "{value:?}: {windows}");
        assert!(text.split('/').all(|folder| folder != "CON" && !folder.ends_with(['.', ' '])), "{value:?}: {text:?}");
        tried += 1;
    }
    assert!(tried > 1000, "{tried}");
}

#[test]
fn rules_survive_a_round_trip_and_a_bad_template_does_not() {
    let text = r#"{"overrides":{"LORA":"loras","HoloModel":"h"},"template":"{base_model}/{creator}"}"#;
    let rules: PlaceRules = serde_json::from_str(text).unwrap();
    assert_eq!(rules.overrides.get(&ModelKind::Lora).map(String::as_str), Some("loras"));
    assert_eq!(serde_json::from_str::<PlaceRules>(&serde_json::to_string(&rules).unwrap()).unwrap(), rules);
    assert_eq!(serde_json::from_str::<PlaceRules>("{}").unwrap(), PlaceRules::default());
    assert!(serde_json::from_str::<PlaceRules>(r#"{"template":"../x"}"#).is_err());
}

#[test]
fn the_first_root_that_loads_a_kind_and_can_be_reached_is_recommended() {
    let roots = [Layout::Plain, Layout::Fooocus, Layout::ComfyUi, Layout::SwarmUi, Layout::InvokeAi].map(root);
    let offered = |kind: &ModelKind, online: [bool; 5]| {
        let candidates: Vec<Candidate<'_>> = roots
            .iter()
            .zip(online)
            .zip([1, 2, 3, 4, 5])
            .map(|((root, online), id)| Candidate {
                id: RootId(id),
                online,
                folders: folders(root),
                company: Company::default(),
            })
            // The order they come in does not matter.
            .rev()
            .collect();
        recommend(&candidates, kind, "a.safetensors").map(|id| id.0)
    };
    assert_eq!(offered(&ModelKind::Lora, [true; 5]), Some(2));
    assert_eq!(offered(&ModelKind::DiffusionModel, [true; 5]), Some(3));
    assert_eq!(offered(&ModelKind::DiffusionModel, [true, true, false, true, true]), Some(4));
    assert_eq!(offered(&ModelKind::MotionModule, [true, true, false, true, true]), Some(1));
    assert_eq!(offered(&ModelKind::Wildcards, [true; 5]), Some(1));
    assert_eq!(offered(&ModelKind::Wildcards, [false, true, true, true, true]), None);
}

#[test]
fn a_file_goes_where_its_like_is() {
    let roots = [Layout::A1111, Layout::ComfyUi, Layout::Plain].map(root);
    let offered = |company: [(u32, u32); 3]| {
        let candidates: Vec<Candidate<'_>> = roots
            .iter()
            .zip(company)
            .zip([1, 2, 3])
            .map(|((root, (of_model, of_base)), id)| Candidate {
                id: RootId(id),
                online: true,
                folders: folders(root),
                company: Company { of_model, of_base },
            })
            .collect();
        recommend(&candidates, &ModelKind::Lora, "a.safetensors").map(|id| id.0)
    };
    assert_eq!(offered([(0, 0), (0, 0), (0, 9)]), Some(1), "a plain folder is for what nothing else loads");
    assert_eq!(offered([(0, 1), (0, 2), (0, 9)]), Some(2), "most of its kind and base model");
    assert_eq!(offered([(1, 0), (0, 90), (0, 9)]), Some(1), "another version of it");
    assert_eq!(offered([(3, 0), (1, 2), (0, 9)]), Some(2), "several have one");
    assert_eq!(offered([(0, 5), (0, 9), (1, 0)]), Some(3), "even in a plain folder");
}
