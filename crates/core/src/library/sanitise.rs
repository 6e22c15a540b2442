//! Makes authors' HTML safe to show: text structure and links, nothing that runs, loads or looks like the app.

use ammonia::Builder;

/// Longer descriptions are cut before parsing, in bytes.
const MAX_HTML: usize = 512 * 1024;

/// The safe part; `None` if nothing is left to read.
pub fn sanitise(html: &str) -> Option<String> {
    let end = (0..=html.len().min(MAX_HTML)).rev().find(|&at| html.is_char_boundary(at)).unwrap_or(0);
    let tags = [
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "hr",
        "i",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ];
    let clean = Builder::empty()
        .tags(tags.into())
        .add_tag_attributes("a", ["href"])
        .url_schemes(["https"].into())
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean_content_tags(["script", "style", "title", "iframe", "svg", "math"].into())
        .clean(&html[..end])
        .to_string();
    (!clean.trim().is_empty()).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_survives_and_nothing_else() {
        let html = r#"<p onclick="x()">Use <b>0.7</b> <a href="https://civitai.com/x" target=_top>here</a></p>
            <img src=https://evil/x.png><script>alert(1)</script><a href="javascript:alert(1)">bad</a><iframe src=x></iframe>"#;
        let clean = sanitise(html).unwrap();
        assert!(clean.contains("<b>0.7</b>") && clean.contains(r#"href="https://civitai.com/x""#), "{clean}");
        for bad in ["onclick", "img", "script", "alert", "javascript", "iframe", "target", "style"] {
            assert!(!clean.contains(bad), "{bad} in {clean}");
        }
    }

    #[test]
    fn nothing_to_read_is_nothing() {
        assert_eq!(sanitise("<img src=x> <script>1</script>"), None);
    }
}
