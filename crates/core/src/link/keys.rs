//! Where the keys of pairings are kept: where the account's key is, under names of their own.
//!
//! A key is put into its place before anything else is done with it: the relay gives each out once, and the code it was
//! given for is worth nothing afterwards.

use std::path::Path;
use std::sync::Arc;

use super::info::LinkState;
use super::relay::{LinkService, LinkSite};
use super::room::{Room, Standing};
use crate::account::{Keep, KeptIn, Keyring, Patience, Secret};
use crate::error::{Code, Error, Result};
use crate::store::Store;
use crate::units::UnixMillis;

/// The keys of one data folder. Clones share it.
#[derive(Clone)]
pub(crate) struct Keys(Arc<[Place; 2]>);

struct Place {
    site: LinkSite,
    url: String,
    /// What the entry in the keyring is called.
    origin: String,
    keep: Keep,
}

impl Keys {
    /// Nothing is read yet.
    pub(crate) fn new(folder: &Path, service: &dyn LinkService) -> Self {
        let place = |site| {
            let name = match site {
                LinkSite::Com => "link-com",
                LinkSite::Red => "link-red",
            };
            let url = service.link_url(site).to_owned();
            // No address of Civitai begins like this, so the account's key is never in its place.
            let origin = format!("link {url}");
            let keep = Keep::named(folder, name, &origin, Keyring::of_the_system(), Patience::default());
            Place { site, url, origin, keep }
        };
        Self(Arc::new(LinkSite::ALL.map(place)))
    }

    fn place(&self, site: LinkSite) -> &Place {
        let [com, red] = &*self.0;
        if site == com.site { com } else { red }
    }

    /// The relay that a site's keys are for.
    pub(crate) fn url(&self, site: LinkSite) -> &str {
        &self.place(site).url
    }

    /// Keeps the first key of a pairing, and the pairing. Returns when it was made, which tells it from others.
    pub(crate) async fn keep_new(&self, store: &Store, site: LinkSite, key: &Secret) -> Result<UnixMillis> {
        let kept_in = self.put(site, key).await?;
        let (url, now) = (self.url(site).to_owned(), UnixMillis::now());
        let written = store.write(move |tx| {
            // Two within a millisecond are two.
            let before = tx.link_room(site)?.map_or(now, |room| UnixMillis(room.paired_at.0 + 1));
            let paired_at = now.max(before);
            let standing = Standing { state: LinkState::Connecting, since: now, problem: None, next_try: None };
            tx.put_link_room(&Room { site, url, kept_in: Some(kept_in), paired_at, standing })?;
            Ok(paired_at)
        });
        match written.await {
            Ok(paired_at) => Ok(paired_at),
            Err(error) => {
                // A key that no pairing tells of would stay for ever; the error says what failed.
                let _ = self.remove(site, Some(kept_in)).await;
                Err(error)
            }
        }
    }

    /// Keeps a later key of a pairing that there is.
    pub(crate) async fn keep(&self, store: &Store, site: LinkSite, key: &Secret) -> Result<()> {
        let kept_in = self.put(site, key).await?;
        store.write(move |tx| tx.set_link_key_place(site, kept_in)).await
    }

    async fn put(&self, site: LinkSite, key: &Secret) -> Result<KeptIn> {
        let keep = &self.place(site).keep;
        let kept_in = keep.store(key).await.map_err(again)?;
        if kept_in == KeptIn::Keyring
            && let Err(error) = keep.remove_file().await
        {
            tracing::warn!(%error, "an earlier key of a link is still in its file");
        }
        Ok(kept_in)
    }

    /// The key of a pairing. `None`: it is no longer where it was kept.
    pub(crate) async fn load(&self, site: LinkSite, kept_in: KeptIn) -> Result<Option<Secret>> {
        let kept = self.place(site).keep.load(Some(kept_in)).await.map_err(again)?;
        Ok(kept.map(|kept| {
            if let Some(remark) = kept.remark {
                tracing::warn!(%remark, "the key of a link");
            }
            kept.key
        }))
    }

    /// Removes a key, wherever it is.
    pub(crate) async fn remove(&self, site: LinkSite, kept_in: Option<KeptIn>) -> Result<()> {
        let place = self.place(site);
        let must = kept_in == Some(KeptIn::Keyring);
        let from_file = place.keep.remove_file().await;
        match place.keep.remove_from_keyring(vec![place.origin.clone()], must).await {
            Err(error) if must => return Err(still_there(&error)),
            // Where nothing was put, nothing can be left.
            Err(error) => tracing::debug!(%error, "the keyring was not looked at"),
            Ok(()) => {}
        }
        from_file.map_err(|error| still_there(&error))
    }
}

fn again(error: Error) -> Error {
    let hint = match error.code {
        Code::Io => "Unlock your keyring if it is locked; else pair with the site again",
        _ => "Pair with the site again",
    };
    Error { hint: Some(hint.to_owned()), ..error }
}

fn still_there(error: &Error) -> Error {
    Error::new(error.code, format!("The link has ended, but its key may still be kept: {}", error.message))
        .hint("Unlock your keyring and end the link again, or remove its entry `Modeldock` by hand")
}
