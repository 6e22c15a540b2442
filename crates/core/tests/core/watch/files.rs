//! What happens to single files.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use modeldock_core::watch::{Method, WatchOptions};

use super::{Watched, folders, impatient, written};

#[test]
fn a_copied_model_is_hinted_with_its_contents_in_doubt() {
    let mut watched = Watched::with(WatchOptions::default(), |_| ());
    fs::write(watched.outside("source"), vec![7; 1 << 20]).unwrap();
    fs::copy(watched.outside("source"), watched.path("a.safetensors")).unwrap();
    let hint = watched.wait_for_written(&watched.path("a.safetensors"));
    assert_eq!(folders(&hint), [watched.models()]);
    assert_eq!(watched.watcher.unsettled(), Vec::<PathBuf>::new());
    assert_eq!(watched.method(), (Method::Events, None));
}

#[test]
fn a_model_written_slowly_is_held_until_it_is_whole_and_holds_nothing_else() {
    let options = WatchOptions { settle_local: Duration::from_secs(3), ..impatient() };
    let mut watched = Watched::with(options, |models| fs::create_dir(models.join("other")).unwrap());
    let slow = watched.path("slow.safetensors");
    let mut file = fs::File::create(&slow).unwrap();
    let (stop, stopped) = channel::<()>();
    let writer = std::thread::spawn(move || {
        while stopped.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout) {
            file.write_all(&[7; 1000]).unwrap();
        }
    });
    for number in 0..5 {
        let quick = watched.path(&format!("other/{number}.pt"));
        fs::write(&quick, "x").unwrap();
        watched.wait_for_written(&quick);
        assert_eq!(watched.watcher.unsettled(), std::slice::from_ref(&slow), "{:?}", watched.heard);
    }
    assert!(!watched.heard.iter().any(|hint| written(hint).contains(&slow)), "{:?}", watched.heard);
    drop(stop);
    writer.join().unwrap();
    watched.wait_for_written(&slow);
}

#[test]
fn a_safetensors_file_that_promises_more_is_waited_for() {
    let mut watched = Watched::new();
    let path = watched.path("a.safetensors");
    let json = br#"{"t":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}"#;
    let bytes = [&(json.len() as u64).to_le_bytes()[..], json, &[0; 8]].concat();
    fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
    // As long as this would take to settle if it were whole, several times over.
    for name in ["b.pt", "c.pt", "d.pt"] {
        fs::write(watched.path(name), "x").unwrap();
        watched.wait_for_written(&watched.path(name));
        std::thread::sleep(Duration::from_millis(300));
    }
    assert!(!watched.heard.iter().any(|hint| written(hint).contains(&path)), "{:?}", watched.heard);
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(&bytes[bytes.len() - 3..]).unwrap();
    watched.wait_for_written(&path);
}

#[test]
fn an_unfinished_download_is_nobodys_business_until_it_has_its_name() {
    let mut watched = Watched::with(impatient(), |models| {
        fs::create_dir(models.join("downloads")).unwrap();
        fs::create_dir(models.join("other")).unwrap();
    });
    let downloads = watched.path("downloads");
    for name in ["a.ckpt.part", "b.crdownload", ".c.safetensors.x1y2z3", "d.safetensors.aria2", "~syncthing~e.tmp"] {
        fs::write(downloads.join(name), "x").unwrap();
    }
    fs::write(watched.path("other/sentinel.pt"), "x").unwrap();
    watched.wait_for_written(&watched.path("other/sentinel.pt"));
    assert!(!watched.heard.iter().any(|hint| folders(hint).contains(&downloads)), "{:?}", watched.heard);

    fs::rename(downloads.join("a.ckpt.part"), downloads.join("a.ckpt")).unwrap();
    // Nobody heard of what was written to it, so its contents are in doubt.
    watched.wait_for_written(&downloads.join("a.ckpt"));
}

#[test]
fn a_rename_takes_no_contents_into_doubt() {
    let mut watched = Watched::with(impatient(), |models| fs::write(models.join("a.pt"), "x").unwrap());
    fs::rename(watched.path("a.pt"), watched.path("b.pt")).unwrap();
    watched.wait_for_look(&watched.models());
    fs::write(watched.path("sentinel.pt"), "x").unwrap();
    watched.wait_for_written(&watched.path("sentinel.pt"));
    assert!(!watched.heard.iter().any(|hint| written(hint).contains(&watched.path("b.pt"))), "{:?}", watched.heard);
}

#[test]
fn a_file_moved_over_another_is_a_reason_to_look() {
    let mut watched = Watched::with(impatient(), |models| fs::write(models.join("a.pt"), "old").unwrap());
    fs::write(watched.outside("new"), "new").unwrap();
    fs::rename(watched.outside("new"), watched.path("a.pt")).unwrap();
    watched.wait_for_look(&watched.models());
}

#[test]
fn a_rewrite_of_the_same_size_and_time_puts_the_contents_in_doubt() {
    let mut watched = Watched::with(impatient(), |models| fs::write(models.join("a.pt"), "old").unwrap());
    let path = watched.path("a.pt");
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, "new").unwrap();
    fs::File::options().append(true).open(&path).unwrap().set_modified(modified).unwrap();
    watched.wait_for_written(&path);
}

#[test]
fn links_to_files_and_what_lies_beside_models_are_reasons_to_look() {
    let mut watched = Watched::with(impatient(), |models| {
        for folder in ["hard", "soft", "beside"] {
            fs::create_dir(models.join(folder)).unwrap();
        }
        fs::write(models.join("a.pt"), "x").unwrap();
    });
    fs::hard_link(watched.path("a.pt"), watched.path("hard/a.pt")).unwrap();
    watched.wait_for_look(&watched.path("hard"));
    symlink(watched.path("a.pt"), watched.path("soft/a.pt")).unwrap();
    watched.wait_for_look(&watched.path("soft"));
    fs::write(watched.path("beside/a.civitai.info"), "{}").unwrap();
    let hint = watched.wait_for_look(&watched.path("beside"));
    assert_eq!(written(&hint), Vec::<PathBuf>::new());
}
