//! The page's types are the engine's.

use std::collections::BTreeMap;
use std::path::Path;

fn read_all(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        files.insert(name, std::fs::read_to_string(&path).unwrap());
    }
    files
}

/// Stale bindings are rewritten, so that running the tests once more passes; but a commit without them fails here.
#[test]
fn the_committed_bindings_are_what_the_types_say() {
    let fresh = tempfile::tempdir().unwrap();
    modeldock_core::api::write_bindings(fresh.path()).unwrap();
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/bindings");
    let (fresh, old) = (read_all(fresh.path()), read_all(&committed));
    if fresh == old {
        return;
    }
    std::fs::create_dir_all(&committed).unwrap();
    for name in old.keys().filter(|name| !fresh.contains_key(*name)) {
        std::fs::remove_file(committed.join(name)).unwrap();
    }
    for (name, text) in &fresh {
        std::fs::write(committed.join(name), text).unwrap();
    }
    let changed: Vec<&String> = fresh.keys().filter(|name| fresh.get(*name) != old.get(*name)).collect();
    panic!("ui/src/bindings was stale and has been rewritten: {changed:?}. Commit it.");
}
