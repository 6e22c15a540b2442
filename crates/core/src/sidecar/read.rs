//! Reads everything beside a model.

use std::path::Path;

use super::file::{Links, Unread, read_whole};
use super::info::{SidecarInfo, SidecarKind};
use super::{names, parse};
use crate::paths::name_of;

/// What lies beside a model, those with something to say first, then its pictures and videos.
///
/// A file that is there but cannot be read is listed with its problem. The model itself need not be there.
pub fn read_beside(model: &Path) -> Vec<SidecarInfo> {
    let shared_with: Vec<String> = names::sharers(model).iter().map(|path| name_of(path)).collect();
    let texts = names::texts(model).into_iter().filter_map(|(kind, path)| {
        let info = SidecarInfo::new(kind, &path);
        match read_whole(&path, Links::Follow) {
            Ok((bytes, _)) => Some(parse::parse(info, &bytes)),
            Err(Unread::Missing) => None,
            Err(unread) => Some(SidecarInfo { problem: Some(unread.into_error(&path)), ..info }),
        }
    });
    let previews = names::preview_names(model).into_iter().filter(|path| path.is_file());
    texts
        .chain(previews.chain(names::gallery(model)).map(|path| SidecarInfo::new(SidecarKind::Preview, &path)))
        .map(|info| {
            // The one that keeps the model's whole name has it to itself.
            let shared_with = if info.kind == SidecarKind::Rgthree { Vec::new() } else { shared_with.clone() };
            SidecarInfo { shared_with, ..info }
        })
        .collect()
}
