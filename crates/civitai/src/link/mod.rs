//! Speaks with the relays of Civitai Link: Socket.IO 5 over Engine.IO 4 over one WebSocket.
//!
//! The packet layer is our own, a few dozen lines over maintained crates: the Socket.IO clients that exist have had no
//! release since early 2024, and none can bound what a hostile relay makes them hold. The upgrade is a request of
//! `reqwest`, so that proxy, TLS and time-outs are those of every other request; it goes through a client that knows no
//! key, so that nothing sent here can hold one. Only the WebSocket transport is spoken, as Civitai's own node pack does.
//!
//! The library below writes every frame into its log at `trace`, the room's key among them. The features of `log` that this
//! crate asks for take that level out at compile time, whatever a shell's filter says.

mod connect;
mod connection;
mod engine_io;
mod socket_io;
mod speech;
mod urls;

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use modeldock_core::link::{LinkError, LinkService, LinkSite, LinkSocket};
use url::Url;

use crate::client::Client;
use crate::config::{ClientConfigError, origin_text};
use crate::transport::{builder, innermost};

pub use urls::LinkUrls;

/// The relays of both sites. Clones share their clients.
#[derive(Clone)]
pub(crate) struct Relays {
    com: Relay,
    red: Relay,
}

/// One relay, not connected to.
#[derive(Clone)]
struct Relay {
    base: Url,
    /// For messages.
    text: Arc<str>,
    /// Made at the first connection: most people never pair, and loading the system's certificates takes time.
    http: Arc<OnceLock<Result<reqwest::Client, String>>>,
}

impl Relays {
    /// Connects to nothing yet.
    pub(crate) fn new(urls: &LinkUrls) -> Result<Self, ClientConfigError> {
        let (com, red) = urls.checked()?;
        Ok(Self { com: Relay::new(com), red: Relay::new(red) })
    }

    fn of(&self, site: LinkSite) -> &Relay {
        match site {
            LinkSite::Com => &self.com,
            LinkSite::Red => &self.red,
        }
    }
}

impl Relay {
    fn new(base: Url) -> Self {
        Self { text: origin_text(&base.origin()).into(), base, http: Arc::default() }
    }

    fn http(&self) -> Result<&reqwest::Client, LinkError> {
        let made = self.http.get_or_init(|| {
            // A connection is used once: it becomes the socket, or is of no more use.
            let builder = builder(&self.base).http1_only().no_gzip().pool_max_idle_per_host(0);
            builder.build().map_err(|error| innermost(&error))
        });
        made.as_ref().map_err(|problem| {
            let why = format!("encrypted connections cannot be set up on this system: {problem}");
            LinkError::Unreachable { url: self.text.to_string(), why }
        })
    }
}

#[async_trait]
impl LinkService for Client {
    fn link_url(&self, site: LinkSite) -> &str {
        &self.relays.of(site).text
    }

    async fn connect_link(&self, site: LinkSite) -> Result<Box<dyn LinkSocket>, LinkError> {
        let connection = connect::connect(self.relays.of(site), &self.transport).await?;
        Ok(Box::new(connection))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_frame_is_written_into_any_log() {
        assert!(log::STATIC_MAX_LEVEL < log::LevelFilter::Trace);
    }
}
