//! Numbers with their unit in the type, so that a byte count cannot be taken for a time.

use serde::{Deserialize, Serialize};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl ts_rs::TS for $name {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;
            fn name(_: &ts_rs::Config) -> String {
                "number".to_owned()
            }
            fn inline(_: &ts_rs::Config) -> String {
                "number".to_owned()
            }
        }
    };
}

number!(
    /// A number of bytes. A JavaScript number holds it exactly up to 8 PiB.
    ByteCount(u64)
);
number!(
    /// Milliseconds since 1970-01-01 00:00 UTC.
    UnixMillis(i64)
);
number!(
    /// The row of a file path in the library. Stable while the path stays in the library.
    FileId(i64)
);
number!(
    /// The row of a model root.
    RootId(i64)
);
number!(
    /// Civitai's id of a model.
    ModelId(i64)
);
number!(
    /// Civitai's id of a model version.
    VersionId(i64)
);
number!(
    /// Civitai's id of one file of a version.
    CivitaiFileId(i64)
);
number!(
    /// Civitai's id of something in a user's vault.
    VaultItemId(i64)
);
number!(
    /// The row of a download.
    DownloadId(i64)
);
number!(
    /// The row of something that was done to files.
    ActionId(i64)
);
number!(
    /// The row of a sidecar or preview whose model is gone.
    OrphanId(i64)
);
number!(
    /// A running or finished job of this process.
    JobId(u64)
);

impl UnixMillis {
    /// The wall clock now.
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_millisecond())
    }

    /// This moment plus a number of seconds.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// As `2026-11-23 04:21 UTC`-like local time for people; the number itself if it lies outside the calendar.
    pub fn to_local_text(self) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(timestamp) => timestamp.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
            Err(_) => self.0.to_string(),
        }
    }

    /// The moment in this computer's time zone as other programs write it: `2026-11-26T05:04:03`.
    #[cfg_attr(
        not(all(unix, not(target_os = "macos"))),
        expect(dead_code, reason = "only a trash of files is written")
    )]
    pub(crate) fn to_local_iso(self) -> String {
        let timestamp = jiff::Timestamp::from_millisecond(self.0).unwrap_or_default();
        timestamp.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%dT%H:%M:%S").to_string()
    }
}
