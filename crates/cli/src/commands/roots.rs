//! `modeldock roots`: find, add, list and forget model folders.

use modeldock_core::download::{PlaceRules, Template};
use modeldock_core::roots::{DetectedRoot, Layout, ModelKind, RootInfo};
use modeldock_core::sidecar::SidecarChoice;
use modeldock_core::{App, Error, Result};
use serde_json::json;

use crate::args::{LayoutName, OnOff, Roots};
use crate::context::{Context, absolute, call, find_root};
use crate::exit::Exit;
use crate::output::{self, Results, printable};

/// For whoever has not added a folder yet.
pub(super) const NO_ROOTS: &str = "The library has no folders yet; `modeldock roots detect` finds installations";

pub(crate) async fn run(context: &Context, command: Roots) -> Result<Exit> {
    let app = context.open()?;
    match command {
        Roots::Detect { within, add } => detect(context, &app, &within, add).await,
        Roots::Add { path, layout } => {
            let path = absolute(&path)?;
            let path = path.to_str().ok_or_else(|| {
                Error::invalid(format!("`{}` is not Unicode, and a model folder's own path has to be", path.display()))
                    .hint("Add the folder above it, or rename it")
            })?;
            let layout = layout.map(Layout::from);
            let added = call(&app, "roots_add", json!({ "path": path, "layout": layout })).await;
            let root: RootInfo = added.map_err(|error| match error.hint {
                Some(_) => error,
                None => error.hint("Name a folder that is there; `modeldock roots detect` finds installations"),
            })?;
            let mut results = Results::new();
            if context.json() {
                results.json(&root)?;
            } else {
                results.line(format!("Added {} as {} ({})", printable(&root.path), root.layout, root.id.0))?;
                output::note("Run `modeldock scan` to look through it");
            }
            results.flush()?;
            Ok(Exit::Done)
        }
        Roots::Remove { root } => {
            let RootInfo { id, path, .. } = find_root(&app, &root).await?;
            app.call("roots_remove", json!({ "id": id })).await?;
            let mut results = Results::new();
            if context.json() {
                results.json(&json!({ "event": "removed", "id": id }))?;
            } else {
                results.line(format!("Forgot {}; its files are untouched", printable(&path)))?;
            }
            results.flush()?;
            Ok(Exit::Done)
        }
        Roots::List => list(context, &app).await,
        Roots::Set { root, a1111_json, preview, civitai_info, template, place } => {
            let RootInfo { id, sidecars, places, .. } = find_root(&app, &root).await?;
            let places = chosen_places(places, template, &place)?;
            let chosen = |choice: Option<OnOff>, before: bool| choice.map_or(before, |choice| choice == OnOff::On);
            let sidecars = SidecarChoice {
                a1111_json: chosen(a1111_json, sidecars.a1111_json),
                preview: chosen(preview, sidecars.preview),
                civitai_info: chosen(civitai_info, sidecars.civitai_info),
            };
            let root: RootInfo =
                call(&app, "roots_set", json!({ "id": id, "sidecars": sidecars, "places": places })).await?;
            let mut results = Results::new();
            if context.json() {
                results.json(&root)?;
            } else {
                let word = |on: bool| if on { "on" } else { "off" };
                let SidecarChoice { a1111_json, preview, civitai_info } = root.sidecars;
                results.line(format!(
                    "{}: a1111-json {}, preview {}, civitai-info {}",
                    printable(&root.path),
                    word(a1111_json),
                    word(preview),
                    word(civitai_info)
                ))?;
                let template = root.places.template.as_str();
                if !template.is_empty() {
                    results.line(format!("  downloads go to subfolders: {}", printable(template)))?;
                }
                for (kind, folder) in &root.places.overrides {
                    results.line(format!("  {}: {}", kind.label(), printable(folder)))?;
                }
                output::note("`modeldock sidecars --dry-run` says what would be written");
            }
            results.flush()?;
            Ok(Exit::Done)
        }
    }
}

/// The user's places with what was typed put in.
fn chosen_places(mut places: PlaceRules, template: Option<String>, overrides: &[String]) -> Result<PlaceRules> {
    if let Some(template) = template {
        places.template = Template::parse(&template)?;
    }
    for text in overrides {
        let (kind, folder) = text.split_once('=').ok_or_else(|| {
            Error::invalid(format!("`{text}` does not say which folder"))
                .hint("Write KIND=FOLDER, such as LORA=models/Lora/new")
        })?;
        let kind = ModelKind::from(kind.trim());
        if folder.trim().is_empty() {
            places.overrides.remove(&kind);
        } else {
            places.overrides.insert(kind, folder.trim().to_owned());
        }
    }
    Ok(places)
}

async fn detect(context: &Context, app: &App, within: &[std::path::PathBuf], add: bool) -> Result<Exit> {
    let within = within.iter().map(|path| absolute(path)).collect::<Result<Vec<_>>>()?;
    let mut found: Vec<DetectedRoot> = call(app, "roots_detect", json!({ "within": within })).await?;
    if add {
        for root in found.iter_mut().filter(|root| !root.added) {
            let _: RootInfo = call(app, "roots_add", json!({ "path": root.path, "layout": root.layout })).await?;
            root.added = true;
        }
    }
    let mut results = Results::new();
    if context.json() {
        found.iter().try_for_each(|root| results.json(root))?;
    } else {
        for root in &found {
            let files = output::count(root.files, "model file");
            let mark = if root.added { ", in the library" } else { "" };
            let size = output::bytes(root.bytes.0);
            results.line(format!("{:<16} {}  {files}, {size}{mark}", root.layout.label(), printable(&root.path)))?;
        }
        if found.is_empty() {
            output::note("No installation was found in the usual places");
            output::note("Add a folder with `modeldock roots add PATH`");
        } else if found.iter().any(|root| !root.added) {
            output::note("Add one with `modeldock roots add PATH`, or all with `modeldock roots detect --add`");
        }
    }
    results.flush()?;
    Ok(Exit::Done)
}

async fn list(context: &Context, app: &App) -> Result<Exit> {
    let roots: Vec<RootInfo> = call(app, "roots_list", json!({})).await?;
    let mut results = Results::new();
    if context.json() {
        roots.iter().try_for_each(|root| results.json(root))?;
    } else {
        for root in &roots {
            let away = if root.online { "" } else { ", away" };
            let files = output::count(root.files, "file");
            let size = output::bytes(root.bytes.0);
            let (layout, path) = (root.layout.label(), printable(&root.path));
            results.line(format!("{:>3}  {layout:<16} {path}  {files}, {size}{away}", root.id.0))?;
        }
        if roots.is_empty() {
            output::note(NO_ROOTS);
        }
    }
    results.flush()?;
    Ok(Exit::Done)
}

impl From<LayoutName> for Layout {
    fn from(name: LayoutName) -> Self {
        match name {
            LayoutName::A1111 => Self::A1111,
            LayoutName::Forge => Self::Forge,
            LayoutName::SdNext => Self::SdNext,
            LayoutName::Comfyui => Self::ComfyUi,
            LayoutName::Swarmui => Self::SwarmUi,
            LayoutName::Invokeai => Self::InvokeAi,
            LayoutName::Fooocus => Self::Fooocus,
            LayoutName::StabilityMatrix => Self::StabilityMatrix,
            LayoutName::Plain => Self::Plain,
        }
    }
}
