//! Reads a reply's body up to a limit.
//!
//! Bytes are counted as they come out of decompression: a few kilobytes of gzip can hold gigabytes.

use reqwest::Response;
use url::Url;

use crate::failure::Failure;

/// The most JSON one reply may hold.
pub(crate) const JSON_LIMIT: usize = 8 * 1024 * 1024;

/// How much of an error's body is looked at.
const ERROR_LIMIT: usize = 64 * 1024;

/// The whole body, or a failure if it is longer than `limit` or breaks off.
pub(crate) async fn read(mut response: Response, url: &Url, limit: usize) -> Result<Vec<u8>, Failure> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Failure::too_long(url, limit));
    }
    // What a server announces is not allocated before it comes.
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > limit => return Err(Failure::too_long(url, limit)),
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes),
            Err(error) => return Err(Failure::offline(url, &error)),
        }
    }
}

/// The beginning of an error's body. The status has decided already, so a broken or endless body is no news.
pub(crate) async fn read_error(mut response: Response) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = ERROR_LIMIT - bytes.len();
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if bytes.len() == ERROR_LIMIT {
            break;
        }
    }
    bytes
}
