//! Reading other programs' configuration files, which may be missing, huge or broken.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// No UI's configuration comes near this, in bytes.
const MAX_CONFIG: u64 = 1024 * 1024;

/// The file's text; `None` if there is none, or none of a sensible size.
pub(super) fn read_text(path: &Path) -> Option<String> {
    let file = File::open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(MAX_CONFIG + 1).read_to_end(&mut bytes).ok()?;
    if bytes.len() as u64 > MAX_CONFIG {
        tracing::warn!(path = %path.display(), "configuration is too large to be one; ignored");
        return None;
    }
    Some(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned())
}

/// The file's JSON object.
pub(super) fn read_json(path: &Path) -> Option<serde_json::Map<String, serde_json::Value>> {
    match serde_json::from_str(&read_text(path)?) {
        Ok(serde_json::Value::Object(object)) => Some(object),
        Ok(_) => None,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "configuration cannot be read; ignored");
            None
        }
    }
}

/// The file's YAML.
pub(super) fn read_yaml(path: &Path) -> Option<serde_yaml_ng::Value> {
    let text = read_text(path)?;
    serde_yaml_ng::from_str(&text)
        .inspect_err(|error| tracing::warn!(path = %path.display(), %error, "configuration cannot be read; ignored"))
        .ok()
}

/// A path as a configuration writes it: `~` and `$VAR`, `${VAR}`, `%VAR%` expanded, relative to `base`, without `.` and
/// `..` (resolved by name, as Python's `normpath` does). `None` if it is empty.
pub(super) fn path_from(text: &str, base: &Path) -> Option<PathBuf> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let path = base.join(crate::paths::expand_home(&expand_variables(text)));
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    Some(normal)
}

/// Unknown variables stay as they are written, as in Python's `expandvars`.
fn expand_variables(text: &str) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '%']) {
        let (before, tail) = rest.split_at(at);
        expanded.push_str(before);
        let (name, length) = variable_name(tail);
        match name.filter(|name| !name.is_empty()).and_then(|name| std::env::var(name).ok()) {
            Some(value) => expanded.push_str(&value),
            None => expanded.push_str(&tail[..length]),
        }
        rest = &tail[length..];
    }
    expanded.push_str(rest);
    expanded
}

/// The variable that `tail`, which begins with `$` or `%`, names; and how many bytes it takes.
fn variable_name(tail: &str) -> (Option<&str>, usize) {
    if let Some(inner) = tail.strip_prefix("${") {
        return match inner.find('}') {
            Some(end) => (Some(&inner[..end]), end + 3),
            None => (None, 1),
        };
    }
    if let Some(inner) = tail.strip_prefix('%') {
        return match inner.find('%') {
            Some(end) => (Some(&inner[..end]), end + 2),
            None => (None, 1),
        };
    }
    let name = &tail[1..];
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    (Some(&name[..end]), end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_expanded_and_normalised_by_name() {
        let base = Path::new("/ui/modules");
        assert_eq!(path_from("../models//loras/", base), Some("/ui/models/loras".into()));
        assert_eq!(path_from("/abs/./x", base), Some("/abs/x".into()));
        assert_eq!(path_from("  ", base), None);
        assert_eq!(path_from("$NO_SUCH_VARIABLE_HERE/a", base), Some("/ui/modules/$NO_SUCH_VARIABLE_HERE/a".into()));
        assert_eq!(path_from("100%/a", base), Some("/ui/modules/100%/a".into()));
    }

    #[test]
    fn an_oversized_configuration_is_ignored() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.json");
        std::fs::write(&path, vec![b' '; usize::try_from(MAX_CONFIG).unwrap() + 1]).unwrap();
        assert_eq!(read_text(&path), None);
    }
}
