//! From an address to a connection that events travel on.

use std::time::Duration;

use modeldock_core::link::LinkError;
use reqwest::header::{
    CONNECTION, HeaderMap, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use reqwest::{StatusCode, Upgraded};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use url::Url;

use super::Relay;
use super::connection::Connection;
use crate::failure::reason;
use crate::transport::{Transport, text};

/// From the first packet to the network to the relay's word that events may come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Connects.
pub(super) async fn connect(relay: &Relay, transport: &Transport) -> Result<Connection<Upgraded>, LinkError> {
    let connecting = async {
        let stream = upgraded(relay, transport).await?;
        Connection::start(relay.text.clone(), stream).await
    };
    tokio::time::timeout(PATIENCE, connecting).await.unwrap_or_else(|_| {
        let why = "it did not answer in time".to_owned();
        Err(LinkError::Unreachable { url: relay.text.to_string(), why })
    })
}

/// The connection, once the relay agreed to make it a WebSocket.
async fn upgraded(relay: &Relay, transport: &Transport) -> Result<Upgraded, LinkError> {
    let url = || relay.text.to_string();
    let key = generate_key();
    let request = relay
        .http()?
        .get(address(&relay.base))
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, &key);
    let unreachable = |error: &reqwest::Error| {
        let why = if error.is_timeout() { "it did not answer in time".to_owned() } else { reason(error).0 };
        LinkError::Unreachable { url: url(), why }
    };
    let response = request.send().await.map_err(|error| unreachable(&error))?;
    let status = response.status();
    if status.is_redirection() || status.is_client_error() || status.is_server_error() {
        let retry_after = transport.retry_after(response.headers());
        return Err(LinkError::Refused { url: url(), status: status.as_u16(), retry_after });
    }
    if status != StatusCode::SWITCHING_PROTOCOLS {
        let why = format!("it answered {} where a WebSocket was asked for", status.as_u16());
        return Err(LinkError::Protocol { url: url(), why });
    }
    check(response.headers(), &key).map_err(|why| LinkError::Protocol { url: url(), why: why.to_owned() })?;
    response.upgrade().await.map_err(|error| unreachable(&error))
}

fn address(base: &Url) -> Url {
    let mut url = base.clone();
    url.set_path("/api/socketio/");
    url.set_query(Some("EIO=4&transport=websocket"));
    url
}

/// Whether the answer is one to this very request: not a cached one, and nothing was agreed on that was not asked for.
fn check(headers: &HeaderMap, key: &str) -> Result<(), &'static str> {
    let has = |name: &HeaderName, word: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(word))
    };
    if !has(&UPGRADE, "websocket") || !has(&CONNECTION, "upgrade") {
        return Err("it agreed to something other than a WebSocket");
    }
    if text(headers, &SEC_WEBSOCKET_ACCEPT).map(str::trim) != Some(&derive_accept_key(key.as_bytes())) {
        return Err("its answer is to another question");
    }
    if headers.contains_key(SEC_WEBSOCKET_EXTENSIONS) || headers.contains_key(SEC_WEBSOCKET_PROTOCOL) {
        return Err("it agreed to what was not asked for");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    /// The example of RFC 6455, section 1.3.
    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    fn answer(upgrade: &str, connection: &str, accept: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [(UPGRADE, upgrade), (CONNECTION, connection), (SEC_WEBSOCKET_ACCEPT, accept)] {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn only_an_answer_to_this_request_is_taken() {
        assert_eq!(check(&answer("WebSocket", "keep-alive, Upgrade", ACCEPT), KEY), Ok(()));
        for wrong in [
            answer("h2c", "Upgrade", ACCEPT),
            answer("websocket", "close", ACCEPT),
            answer("websocket", "Upgrade", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            answer("websocket", "Upgrade", &ACCEPT.to_lowercase()),
            HeaderMap::new(),
        ] {
            assert!(check(&wrong, KEY).is_err(), "{wrong:?}");
        }
        for name in [SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL] {
            let mut more = answer("websocket", "Upgrade", ACCEPT);
            more.append(name, HeaderValue::from_static("permessage-deflate"));
            assert!(check(&more, KEY).is_err());
        }
    }

    #[test]
    fn the_address_is_the_relays_path() {
        let url = address(&Url::parse("https://link.civitai.com").unwrap());
        assert_eq!(url.as_str(), "https://link.civitai.com/api/socketio/?EIO=4&transport=websocket");
    }
}
