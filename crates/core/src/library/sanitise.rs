//! Makes authors' HTML safe to show: text structure and links, nothing that runs, loads or looks like the app.

use ammonia::Builder;

/// Longer descriptions are cut before parsing, in bytes.
const MAX_HTML: usize = 512 * 1024;

/// Most elements, nested or not. The parser's time grows with the square of the depth: 100,000 times `<div>` would keep it
/// busy for minutes. Counted rather than nested, because only the parser itself knows what nests.
const MAX_ELEMENTS: usize = 4096;

/// The safe part; `None` if nothing is left to read.
pub fn sanitise(html: &str) -> Option<String> {
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
        .clean(within_limits(html))
        .to_string();
    (!clean.trim().is_empty()).then_some(clean)
}

/// As much of the HTML as a parser gets through quickly, whatever is in it.
pub(crate) fn within_limits(html: &str) -> &str {
    let end = (0..=html.len().min(MAX_HTML)).rev().find(|&at| html.is_char_boundary(at)).unwrap_or(0);
    let begins_element = |at: &usize| html.as_bytes().get(at + 1).is_some_and(u8::is_ascii_alphabetic);
    let excess = html[..end].match_indices('<').map(|(at, _)| at).filter(begins_element).nth(MAX_ELEMENTS);
    &html[..excess.unwrap_or(end)]
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

    #[test]
    fn what_would_keep_the_parser_busy_is_cut() {
        for html in ["<div>", "<ul><li>", "<b><p>", "<pre>\n", "<div><!--</div>-->", "<", "&lt;"] {
            let html = html.repeat(200_000);
            let cut = within_limits(&html);
            assert!(cut.matches("<d").count() <= MAX_ELEMENTS && cut.len() <= MAX_HTML);
        }
        let html = "<p>ä</p>".repeat(MAX_ELEMENTS);
        assert_eq!(within_limits(&html), html);
        assert_eq!(within_limits(&format!("{html}<b>more")), html);
    }
}
