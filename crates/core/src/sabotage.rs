//! Deliberately broken behaviour, so that a test can be shown to notice it. Only in builds with the feature `sabotage`,
//! and only what the variable `MODELDOCK_SABOTAGE` names.

/// Whether this fault is asked for.
#[cfg(feature = "sabotage")]
pub(crate) fn is_on(fault: &str) -> bool {
    std::env::var_os("MODELDOCK_SABOTAGE").is_some_and(|named| named == fault)
}

/// Whether this fault is asked for: never, in a build that people get.
#[cfg(not(feature = "sabotage"))]
pub(crate) const fn is_on(_: &str) -> bool {
    false
}
