//! Finds installations: by marker files, in the usual places, never by walking a whole disk uninvited.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Layout;

/// How deep below a usual place an installation is looked for.
const MAX_DEPTH: usize = 3;

/// Most folders looked into in one search.
const MAX_FOLDERS: usize = 20_000;

/// Folder names that never lead to an installation and may be large.
const SKIPPED: &[&str] =
    &["node_modules", "venv", "site-packages", "__pycache__", "models", "Models", "outputs", "Library"];

/// Which UI is installed in this folder, if any. At least two markers each, so that a lone `main.py` is nothing.
pub fn layout_of(folder: &Path) -> Option<Layout> {
    let has = |marker: &str| folder.join(marker).exists();
    if has("folder_paths.py") && has("main.py") && has("comfy") {
        return Some(Layout::ComfyUi);
    }
    if has("fooocus_version.py") && has("launch.py") {
        return Some(Layout::Fooocus);
    }
    if has("webui.py") && has("modules") {
        // SD.Next has an installer.py, which A1111 lacks; Forge has modules_forge.
        if has("installer.py") {
            return Some(Layout::SdNext);
        }
        if has("modules_forge") {
            return Some(Layout::Forge);
        }
        if has("modules/sd_models.py") || has("webui-user.sh") || has("webui-user.bat") {
            return Some(Layout::A1111);
        }
    }
    if (has("SwarmUI.sln") || has("src/SwarmUI.csproj")) && (has("Data/Settings.fds") || has("Models")) {
        return Some(Layout::SwarmUi);
    }
    if has("databases/invokeai.db") || (has("invokeai.yaml") && has("models")) {
        return Some(Layout::InvokeAi);
    }
    if has("StabilityMatrix.db") || (has("settings.json") && has("Packages") && has("Models")) {
        return Some(Layout::StabilityMatrix);
    }
    None
}

/// Where people install such things on this computer.
pub fn usual_places() -> Vec<PathBuf> {
    let mut places = BTreeSet::new();
    if let Some(dirs) = directories::BaseDirs::new() {
        let home = dirs.home_dir();
        places.insert(home.to_owned());
        places.insert(dirs.data_dir().join("StabilityMatrix"));
        places.insert(dirs.config_dir().join("ComfyUI"));
        places.insert(home.join("pinokio/api"));
    }
    if cfg!(windows) {
        places.extend(('C'..='Z').map(|letter| PathBuf::from(format!("{letter}:\\"))));
    } else {
        places.extend(["/mnt", "/media", "/opt", "/srv", "/workspace", "/data", "/Volumes"].map(PathBuf::from));
    }
    places.into_iter().filter(|place| place.is_dir()).collect()
}

/// The installations below these folders, the folders themselves included, in the order of their paths.
pub fn find(within: &[PathBuf]) -> Vec<(PathBuf, Layout)> {
    let mut found = BTreeSet::new();
    let mut looked = 0;
    for place in within {
        look(place, 0, &mut looked, &mut found);
    }
    found.into_iter().map(|(path, order)| (path, Layout::ALL[order])).collect()
}

fn look(folder: &Path, depth: usize, looked: &mut usize, found: &mut BTreeSet<(PathBuf, usize)>) {
    *looked += 1;
    if *looked > MAX_FOLDERS {
        return;
    }
    if let Some(layout) = layout_of(folder) {
        let order = Layout::ALL.iter().position(|other| *other == layout).unwrap_or(0);
        found.insert((folder.to_owned(), order));
        // Stability Matrix keeps whole installations below it; the others do not.
        if layout != Layout::StabilityMatrix {
            return;
        }
    }
    if depth == MAX_DEPTH {
        return;
    }
    // A folder that cannot be listed holds nothing we could use.
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut folders: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter(|entry| {
            let name = entry.file_name();
            !name.as_encoded_bytes().starts_with(b".") && !SKIPPED.iter().any(|skipped| name == *skipped)
        })
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    for folder in folders {
        look(&folder, depth + 1, looked, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(root: &Path, markers: &[&str]) {
        for marker in markers {
            let path = root.join(marker);
            if let Some(folder) = marker.strip_suffix('/') {
                std::fs::create_dir_all(root.join(folder)).unwrap();
            } else {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, "").unwrap();
            }
        }
    }

    #[test]
    fn every_ui_is_told_by_its_markers() {
        let cases: [(&[&str], Layout); 8] = [
            (&["webui.py", "modules/sd_models.py", "webui-user.sh"], Layout::A1111),
            (&["webui.py", "modules/sd_models.py", "modules_forge/"], Layout::Forge),
            (&["webui.py", "modules/sd_models.py", "installer.py"], Layout::SdNext),
            (&["main.py", "folder_paths.py", "comfy/"], Layout::ComfyUi),
            (&["SwarmUI.sln", "Data/Settings.fds"], Layout::SwarmUi),
            (&["invokeai.yaml", "models/"], Layout::InvokeAi),
            (&["fooocus_version.py", "launch.py"], Layout::Fooocus),
            (&["settings.json", "Packages/", "Models/"], Layout::StabilityMatrix),
        ];
        for (markers, layout) in cases {
            let dir = tempfile::tempdir().unwrap();
            make(dir.path(), markers);
            assert_eq!(layout_of(dir.path()), Some(layout));
        }
    }

    #[test]
    fn a_lone_marker_is_nothing() {
        let dir = tempfile::tempdir().unwrap();
        make(dir.path(), &["main.py", "webui.py", "invokeai.yaml"]);
        assert_eq!(layout_of(dir.path()), None);
    }

    #[test]
    fn installations_are_found_a_few_folders_deep() {
        let dir = tempfile::tempdir().unwrap();
        make(&dir.path().join("AI/ComfyUI"), &["main.py", "folder_paths.py", "comfy/"]);
        make(&dir.path().join("a/b/c/d/deep"), &["main.py", "folder_paths.py", "comfy/"]);
        make(&dir.path().join("sd/webui"), &["webui.py", "modules/sd_models.py"]);
        let found = find(&[dir.path().to_owned()]);
        let expected = [(dir.path().join("AI/ComfyUI"), Layout::ComfyUi), (dir.path().join("sd/webui"), Layout::A1111)];
        assert_eq!(found, expected);
    }
}
