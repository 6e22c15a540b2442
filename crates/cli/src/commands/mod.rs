//! One file per verb.

pub(crate) mod account;
pub(crate) mod care;
pub(crate) mod demo;
pub(crate) mod discover;
pub(crate) mod doctor;
pub(crate) mod download;
pub(crate) mod downloads;
pub(crate) mod files;
pub(crate) mod hash;
pub(crate) mod identify;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod mark;
pub(crate) mod reference;
pub(crate) mod remote;
pub(crate) mod roots;
pub(crate) mod scan;
pub(crate) mod serve;
pub(crate) mod show;
pub(crate) mod sidecars;
pub(crate) mod vault;
pub(crate) mod watch;
