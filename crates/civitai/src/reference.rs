//! What a person pastes to say which model they mean: a page's address, an AIR, or a number.

use modeldock_core::catalog::Reference;
use modeldock_core::units::{ModelId, VersionId};
use url::Url;

use crate::air::Air;

/// The site's own domains; the configured base counts as well.
const DOMAINS: [&str; 3] = ["civitai.com", "civitai.red", "civitai.green"];

/// Reads it. `None` if it names no model of Civitai.
pub(crate) fn read(base: &Url, text: &str) -> Option<Reference> {
    let text = text.trim();
    if text.len() > 2000 {
        return None;
    }
    if let Ok(air) = text.parse::<Air>() {
        return Some(Reference { model: Some(air.model), version: air.version });
    }
    // A number alone is what lists and file names of other tools carry: a version's.
    if let Some(id) = id(text) {
        return Some(Reference { model: None, version: Some(VersionId(id)) });
    }
    let url = Url::parse(text).or_else(|_| Url::parse(&format!("https://{text}"))).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !is_civitais(base, &url) {
        return None;
    }
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let asked = url.query_pairs().find(|(key, _)| key == "modelVersionId").and_then(|(_, value)| id(&value));
    match parts[..] {
        ["models", model, ..] => Some(Reference { model: Some(ModelId(id(model)?)), version: asked.map(VersionId) }),
        ["model-versions", version, ..]
        | ["api", "download", "models", version, ..]
        | ["api", "v1", "model-versions", version, ..] => {
            Some(Reference { model: None, version: Some(VersionId(id(version)?)) })
        }
        ["api", "v1", "models", model, ..] => Some(Reference { model: Some(ModelId(id(model)?)), version: None }),
        _ => None,
    }
}

fn is_civitais(base: &Url, url: &Url) -> bool {
    let known = url.host_str().is_some_and(|host| {
        let host = host.strip_prefix("www.").unwrap_or(host);
        DOMAINS.contains(&host)
    });
    known || url.origin() == base.origin()
}

fn id(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|id: &i64| is_number && *id > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str) -> Option<(Option<i64>, Option<i64>)> {
        let base = Url::parse("http://127.0.0.1:4000").unwrap();
        read(&base, text).map(|read| (read.model.map(|id| id.0), read.version.map(|id| id.0)))
    }

    #[test]
    fn pages_airs_and_numbers_are_understood() {
        assert_eq!(reference("https://civitai.com/models/12?modelVersionId=34"), Some((Some(12), Some(34))));
        assert_eq!(reference("civitai.com/models/12/some-name"), Some((Some(12), None)));
        assert_eq!(reference(" https://www.civitai.red/models/12 "), Some((Some(12), None)));
        assert_eq!(reference("https://civitai.com/api/download/models/34?type=Model"), Some((None, Some(34))));
        assert_eq!(reference("http://127.0.0.1:4000/models/12?modelVersionId=34"), Some((Some(12), Some(34))));
        assert_eq!(reference("urn:air:sdxl:lora:civitai:12@34"), Some((Some(12), Some(34))));
        assert_eq!(reference("34"), Some((None, Some(34))));
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "0",
            "-3",
            "+3",
            "99999999999999999999",
            "porcelain",
            "https://example.com/models/12",
            "https://civitai.com.example.com/models/12",
            "file:///models/12",
            "https://civitai.com/images/12",
            "https://civitai.com/models/abc",
            "urn:air:sdxl:lora:huggingface:a@b",
        ] {
            assert_eq!(reference(text), None, "{text}");
        }
    }
}
