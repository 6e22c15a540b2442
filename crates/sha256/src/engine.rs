//! Which code compresses the blocks of two streams, decided once per process.
//!
//! An engine is a value, not a global switch: tests run both in one process. The one that needs the SHA extensions can
//! only be had from the detection, which is what makes calling it sound.

use std::sync::OnceLock;

#[cfg(target_arch = "x86_64")]
use crate::ni::ShaExtensions;

/// Code that compresses the blocks of two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Engine(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    #[cfg(target_arch = "x86_64")]
    Extensions(ShaExtensions),
    Library,
}

impl Engine {
    /// The block function of the `sha2` crate; never two streams at a time.
    pub const LIBRARY: Self = Self(Kind::Library);

    /// Our own use of the processor's SHA extensions, two streams at a time; `None` where it has none.
    pub fn extensions() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return ShaExtensions::detect().map(|extensions| Self(Kind::Extensions(extensions)));
        #[cfg(not(target_arch = "x86_64"))]
        None
    }

    /// This process's engine: the fastest, unless `MODELDOCK_SHA256=library` says otherwise.
    pub fn detected() -> Self {
        static DETECTED: OnceLock<Engine> = OnceLock::new();
        *DETECTED.get_or_init(|| {
            let is_forced = std::env::var_os("MODELDOCK_SHA256").is_some_and(|engine| engine == "library");
            if is_forced { Self::LIBRARY } else { Self::extensions().unwrap_or(Self::LIBRARY) }
        })
    }

    /// Whether two streams together are faster here than one after the other.
    pub fn gains_from_two(self) -> bool {
        self != Self::LIBRARY
    }

    /// A single stream is the library's on every engine: it uses the SHA extensions too, and as well as one can.
    pub(crate) fn compress(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
        sha2::block_api::compress256(state, blocks);
    }

    /// As many blocks of each.
    pub(crate) fn compress_two(
        self,
        state_a: &mut [u32; 8],
        blocks_a: &[[u8; 64]],
        state_b: &mut [u32; 8],
        blocks_b: &[[u8; 64]],
    ) {
        debug_assert_eq!(blocks_a.len(), blocks_b.len());
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Extensions(extensions) => extensions.compress_two(state_a, blocks_a, state_b, blocks_b),
            Kind::Library => {
                Self::compress(state_a, blocks_a);
                Self::compress(state_b, blocks_b);
            }
        }
    }
}
