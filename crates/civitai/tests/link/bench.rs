//! A client with the canary as its key, and a simulated relay.

use std::sync::Arc;
use std::time::Duration;

use civitai_simulator::{Catalogue, Config, LinkRoom, Simulator};
use modeldock_civitai::{Client, ClientConfig, LinkUrls, Token};
use modeldock_core::account::Secret;
use modeldock_core::link::{FromRelay, LinkError, LinkService, LinkSite, LinkSocket, ToRelay};

use crate::support::CANARY;

pub(crate) type Socket = Box<dyn LinkSocket>;

/// Longer than anything here takes: a test that would hang fails instead.
const HANG: Duration = Duration::from_secs(60);

pub(crate) struct Bench {
    pub(crate) simulator: Arc<Simulator>,
    pub(crate) client: Client,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let simulator = Arc::new(Simulator::start(config, Catalogue::standard()).await.unwrap());
        Self { client: client_of(simulator.base_url()), simulator }
    }

    pub(crate) async fn connect(&self) -> Result<Socket, LinkError> {
        self.client.connect_link(LinkSite::Com).await
    }

    /// Identified, and in no room.
    pub(crate) async fn identified(&self) -> Socket {
        let mut socket = self.connect().await.unwrap();
        socket.send(ToRelay::Identify).await.unwrap();
        socket
    }

    /// In a room of its own, with the key that it was given.
    pub(crate) async fn paired(&self) -> (Socket, LinkRoom, Secret) {
        let room = self.simulator.relay().issue();
        let mut socket = self.identified().await;
        socket.send(ToRelay::Join(&key(&room.code()))).await.unwrap();
        assert!(matches!(next(&mut socket).await, FromRelay::Joined { success: true, .. }));
        let FromRelay::Upgraded(upgraded) = next(&mut socket).await else { panic!("no key came") };
        assert!(matches!(next(&mut socket).await, FromRelay::Presence { browsers: 0, computers: 1 }));
        (socket, room, upgraded)
    }
}

/// A client whose relays are both here.
pub(crate) fn client_of(url: &str) -> Client {
    let links = LinkUrls::named(&[url, url]).unwrap();
    Client::new(ClientConfig::at(url).token(Token::new(CANARY).ok()).links(links)).unwrap()
}

pub(crate) fn key(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

pub(crate) async fn heard(socket: &mut Socket) -> Result<FromRelay, LinkError> {
    tokio::time::timeout(HANG, socket.next()).await.expect("the relay says something")
}

pub(crate) async fn next(socket: &mut Socket) -> FromRelay {
    heard(socket).await.unwrap()
}

/// How the connection ends, and how many events come before.
pub(crate) async fn end(socket: &mut Socket) -> (usize, LinkError) {
    let mut events = 0;
    loop {
        match heard(socket).await {
            Ok(_) => events += 1,
            Err(error) => return (events, error),
        }
    }
}

pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANG, what).await.expect("it happens")
}
