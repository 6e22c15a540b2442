use std::path::PathBuf;

use super::*;
use crate::download::PauseReason;
use crate::event::EventBus;
use crate::paths::Paths;
use crate::store::Store;

const NOW: UnixMillis = UnixMillis(1_000);

struct World {
    _dir: tempfile::TempDir,
    store: Store,
}

fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::new(dir.path().join("data"));
    let (store, _) = Store::open(&paths, EventBus::default(), true).unwrap();
    World { _dir: dir, store }
}

fn wish(number: i64, name: &str) -> NewDownload {
    NewDownload {
        wanted: Wanted::File { version: VersionId(number), file: CivitaiFileId(number) },
        title: "A model · v1".to_owned(),
        model: Some(ModelId(1)),
        version: Some(VersionId(number)),
        file: Some(CivitaiFileId(number)),
        kind: ModelKind::Lora,
        base_model: None,
        root: RootId(1),
        folder: PathBuf::from("/models/Lora"),
        name: name.to_owned(),
        asked_by: AskedBy::User,
        size_kb: Some(1.5),
        sha256: Some(Sha256::new([7; 32])),
    }
}

impl World {
    fn add(&self, wish: &NewDownload) -> Result<Added> {
        self.store.write_blocking(|tx| tx.add_download(wish, NOW))
    }

    fn queued(&self, number: i64) -> DownloadId {
        match self.add(&wish(number, &format!("{number}.safetensors"))).unwrap() {
            Added::New(id) => id,
            Added::There(id) => panic!("{id:?} is there"),
        }
    }

    fn step(&self, id: DownloadId, next: &DownloadState) -> bool {
        self.store.write_blocking(|tx| tx.step_download(id, next, NOW)).unwrap()
    }

    fn order(&self) -> Vec<i64> {
        self.store.read_blocking(|tx| tx.downloads()).unwrap().iter().map(|row| row.id.0).collect()
    }
}

#[test]
fn a_wish_is_queued_once_and_a_place_belongs_to_one() {
    let world = world();
    let first = world.queued(1);
    assert_eq!(world.add(&wish(1, "1.safetensors")).unwrap(), Added::There(first));
    // Another wish for the same place: whoever plans it looks at the claimed names first.
    assert!(world.add(&wish(2, "1.safetensors")).is_err());
    assert_eq!(
        world.store.read_blocking(|tx| tx.claimed_names(&PathBuf::from("/models/Lora"))).unwrap(),
        ["1.safetensors"]
    );
    assert!(world.step(first, &DownloadState::Cancelled));
    assert!(matches!(world.add(&wish(1, "1.safetensors")).unwrap(), Added::New(_)));
    // And now the first one cannot come back: its place is taken.
    let error = world.store.write_blocking(|tx| tx.step_download(first, &DownloadState::queued(), NOW)).unwrap_err();
    assert_eq!(error.code, Code::Busy);
}

#[test]
fn a_row_is_read_as_it_was_written() {
    let world = world();
    let id = world.queued(1);
    let part = Part { path: "/models/Lora/.1.part".into(), identity: FileIdentity { volume: u64::MAX, index: 3 } };
    let mut durable = Extents::default();
    durable.add(0, 10);
    let validator = Validator::strong("\"abc\"");
    world
        .store
        .write_blocking(|tx| {
            tx.begin_part(id, Some(&part), validator.as_ref(), Some(u64::MAX / 2))?;
            tx.set_durable(id, &Progressed { durable: durable.clone(), received: 10 })?;
            tx.limit_download(id, Some(5))
        })
        .unwrap();
    let row = world.store.read_blocking(|tx| tx.download(id)).unwrap().unwrap();
    assert_eq!((row.part, row.validator, row.total), (Some(part), validator, Some(u64::MAX / 2)));
    assert_eq!((row.durable, row.received, row.limit), (durable, 10, Some(5)));
    assert_eq!(row.new.sha256, Some(Sha256::new([7; 32])));
    assert_eq!(row.state, DownloadState::queued());
}

#[test]
fn an_older_view_of_a_download_changes_nothing() {
    let world = world();
    let id = world.queued(1);
    for next in [DownloadState::Resolving, DownloadState::Running, DownloadState::Paused { why: PauseReason::User }] {
        assert!(world.step(id, &next));
    }
    // The process that ran it does not know yet.
    assert!(!world.step(id, &DownloadState::Verifying));
    assert!(!world.step(id, &DownloadState::Done { file: None, verified: true, was_there: false }));
    assert!(world.step(id, &DownloadState::Cancelled));
    assert!(!world.step(id, &DownloadState::Running));
}

#[test]
fn the_order_is_the_users_however_often_it_is_changed() {
    let world = world();
    let ids: Vec<DownloadId> = (1..=4).map(|number| world.queued(number)).collect();
    let move_before =
        |id: DownloadId, before| world.store.write_blocking(|tx| tx.reorder_download(id, before)).unwrap();
    move_before(ids[3], Some(ids[0]));
    assert_eq!(world.order(), [4, 1, 2, 3]);
    for _ in 0..200 {
        move_before(ids[1], Some(ids[0]));
        move_before(ids[0], Some(ids[1]));
    }
    assert_eq!(world.order(), [4, 1, 2, 3]);
    move_before(ids[3], None);
    assert_eq!(world.order(), [1, 2, 3, 4]);
    move_before(ids[2], Some(ids[2]));
    assert_eq!(world.order().len(), 4);
}

#[test]
fn what_a_crash_left_in_the_middle_is_queued_and_what_was_being_placed_is_told() {
    let world = world();
    let (running, placing, paused) = (world.queued(1), world.queued(2), world.queued(3));
    let steps = [DownloadState::Resolving, DownloadState::Running];
    for id in [running, placing] {
        assert!(steps.iter().all(|step| world.step(id, step)));
    }
    assert!(world.step(placing, &DownloadState::Verifying) && world.step(placing, &DownloadState::Placing));
    assert!(world.step(paused, &DownloadState::Paused { why: PauseReason::User }));
    let told = world.store.write_blocking(|tx| tx.recover_downloads(NOW)).unwrap();
    assert_eq!(told.iter().map(|row| row.id).collect::<Vec<_>>(), [placing]);
    let stage = |id| world.store.read_blocking(|tx| tx.download(id)).unwrap().unwrap().state.stage();
    assert_eq!([stage(running), stage(placing), stage(paused)], [Stage::Queued, Stage::Placing, Stage::Paused]);
}

#[test]
fn only_what_has_ended_is_cleared() {
    let world = world();
    let (waiting, cancelled) = (world.queued(1), world.queued(2));
    assert!(world.step(cancelled, &DownloadState::Cancelled));
    let cleared = world.store.write_blocking(|tx| tx.clear_downloads(&[])).unwrap();
    assert_eq!(cleared.iter().map(|row| row.id).collect::<Vec<_>>(), [cancelled]);
    assert_eq!(world.order(), [waiting.0]);
}
