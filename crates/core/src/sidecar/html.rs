//! Authors' HTML as text for a plain field, and plain text as HTML for the page.
//!
//! The HTML parser is ammonia's, as everywhere; what it leaves is a handful of tags in well-formed order, so turning
//! them into lines needs no second parser.

use std::fmt::Write as _;

use ammonia::Builder;

use super::lenient::clean;
use crate::library::{sanitise, within_limits};

/// Longest text, in characters. A1111 loads every model's text at each start, and shows a few lines of it.
const MAX_TEXT: usize = 16 * 1024;

/// Longest plain description that is shown, in characters.
const MAX_DESCRIPTION: usize = 128 * 1024;

/// The words of the HTML in lines and paragraphs; `None` if there are none.
pub(super) fn plain_text(html: &str) -> Option<String> {
    let tags = [
        "a",
        "blockquote",
        "br",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ];
    let known = Builder::empty()
        .tags(tags.into())
        .add_tag_attributes("a", ["href"])
        .url_schemes(["http", "https"].into())
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(None)
        .clean_content_tags(["script", "style", "title", "iframe", "svg", "math"].into())
        .clean(within_limits(html))
        .to_string();
    let mut lines = Lines::default();
    let mut rest = known.as_str();
    // Every `<` that is not a tag has become `&lt;`, and so has every `>`.
    while let Some(open) = rest.find('<') {
        lines.text(&rest[..open]);
        let tag = &rest[open + 1..];
        let close = tag.find('>').unwrap_or(tag.len());
        lines.tag(&tag[..close]);
        rest = tag.get(close + 1..).unwrap_or_default();
    }
    lines.text(rest);
    clean(&lines.text, MAX_TEXT)
}

/// Text as it grows.
#[derive(Debug, Default)]
struct Lines {
    text: String,
    /// Line ends that come before the next word.
    breaks: usize,
    /// A space that comes before the next word.
    space: bool,
    /// An item has its mark but no word yet: what begins a paragraph elsewhere stays on the mark's line.
    fresh: bool,
    /// In `pre`, where spaces and line ends count.
    verbatim: bool,
    /// Lists around this place, with the next number of those that count.
    lists: Vec<Option<u32>>,
    /// Where the current link leads, and where its words began.
    link: Option<(String, usize)>,
}

impl Lines {
    fn text(&mut self, escaped: &str) {
        for c in decode_entities(escaped).chars() {
            if self.verbatim && c == '\n' {
                self.breaks += 1;
            } else if c.is_whitespace() && !self.verbatim {
                self.space = true;
            } else {
                self.before_word();
                self.text.push(c);
            }
        }
    }

    fn before_word(&mut self) {
        if self.breaks > 0 && !self.text.is_empty() {
            self.text.extend(std::iter::repeat_n('\n', self.breaks.min(2)));
        } else if self.space && !self.text.is_empty() && !self.fresh {
            self.text.push(' ');
        }
        (self.breaks, self.space, self.fresh) = (0, false, false);
    }

    fn break_at_least(&mut self, lines: usize) {
        if !self.fresh {
            self.breaks = self.breaks.max(lines);
        }
    }

    fn tag(&mut self, tag: &str) {
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap_or_default();
        let closes = tag.starts_with('/');
        match name {
            "a" if closes => self.end_link(),
            "a" => {
                let href = tag.split_once("href=\"").and_then(|(_, rest)| rest.split_once('"'));
                self.link = href.map(|(href, _)| (decode_entities(href), self.text.len()));
            }
            "br" => {
                if !self.fresh {
                    self.breaks = (self.breaks + 1).min(2);
                }
            }
            "li" if !closes => self.begin_item(),
            "li" | "div" | "tr" => self.break_at_least(1),
            "td" | "th" => self.space = true,
            "ul" | "ol" => {
                if closes {
                    self.lists.pop();
                } else {
                    self.lists.push((name == "ol").then_some(1));
                }
                // A list within a list goes on at its line.
                let lines = if self.lists.is_empty() { 2 } else { 1 };
                self.break_at_least(lines);
            }
            "pre" => {
                self.verbatim = !closes;
                self.break_at_least(2);
            }
            _ => self.break_at_least(2),
        }
    }

    fn begin_item(&mut self) {
        // Close together, whatever paragraphs the items are made of.
        self.breaks = 1;
        self.before_word();
        let depth = self.lists.len().saturating_sub(1).min(8);
        self.text.extend(std::iter::repeat_n("  ", depth));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                let _ = write!(self.text, "{number}. ");
                *number = number.saturating_add(1);
            }
            _ => self.text.push_str("- "),
        }
        self.fresh = true;
    }

    fn end_link(&mut self) {
        let Some((href, start)) = self.link.take() else { return };
        let words = self.text.get(start..).unwrap_or_default().trim();
        // A link around a picture has no words, and nothing to say here.
        let says_it_already = words.trim_end_matches('/').ends_with(href.trim_end_matches('/'));
        if !words.is_empty() && !says_it_already {
            let _ = write!(self.text, " ({href})");
        }
    }
}

/// The five that the HTML serialiser writes.
fn decode_entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    // `&amp;` last, or `&amp;lt;` would be decoded twice.
    text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Safe HTML for the page, from a field that is meant to be plain text but into which some tools put HTML.
pub(super) fn safe_html(text: &str) -> Option<String> {
    if is_html(text) {
        return sanitise(text);
    }
    let escaped = clean(text, MAX_DESCRIPTION)?.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    sanitise(&escaped.replace('\n', "<br>"))
}

/// `<lora:name:0.8>` and `weight <1` are common in plain descriptions, so only tags that authors' HTML has count.
fn is_html(text: &str) -> bool {
    const SIGNS: &[&str] = &[
        "</p>",
        "<br>",
        "<br/>",
        "<br />",
        "</a>",
        "</b>",
        "</strong>",
        "</em>",
        "</i>",
        "</u>",
        "</li>",
        "</div>",
        "</span>",
        "</h1>",
        "</h2>",
        "</h3>",
        "</h4>",
        "</code>",
        "</pre>",
        "</blockquote>",
        "<hr>",
        "<img ",
    ];
    let lower = text.to_ascii_lowercase();
    SIGNS.iter().any(|sign| lower.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_become_lines_people_can_read() {
        let html = r#"<h2>Use&nbsp;it</h2><p>Weight <strong>0.7</strong> &lt;lora:x:0.7&gt; &amp;amp; more.<br>Next   line.</p>
            <ul><li><p>one</p></li><li><p>two</p><ol><li>first</li><li>second</li></ol></li></ul>
            <p>See <a href="https://civitai.com/x?a=1&amp;b=2">here</a> or
            <a href="https://civitai.com/">https://civitai.com</a>.</p><script>alert(1)</script>
            <a href="javascript:x">bad</a><img src=x onerror=y><pre>a
  b</pre><p></p><p>end</p>"#;
        let expected = "Use it\n\nWeight 0.7 <lora:x:0.7> &amp; more.\nNext line.\n- one\n- two\n  1. first\n  2. second\n\n\
            See here (https://civitai.com/x?a=1&b=2) or https://civitai.com.\n\nbad\n\na\n  b\n\nend";
        assert_eq!(plain_text(html).as_deref(), Some(expected));
    }

    #[test]
    fn nothing_to_read_is_nothing() {
        for html in ["", "  ", "<p></p>", "<img src=x>", "<script>x</script>", "<!-- x -->", "<ul></ul>"] {
            assert_eq!(plain_text(html), None, "{html}");
        }
    }

    #[test]
    fn hostile_html_costs_little() {
        for html in ["<div>", "<a href=x>", "&lt;", "<pre>\n"] {
            let started = std::time::Instant::now();
            let text = plain_text(&html.repeat(200_000));
            assert!(text.is_none_or(|text| text.chars().count() <= MAX_TEXT));
            assert!(started.elapsed() < std::time::Duration::from_secs(60), "{html}: {:?}", started.elapsed());
        }
    }

    #[test]
    fn plain_text_is_not_taken_for_html() {
        let text = "Use <lora:x:0.8> & weight <1\n\nthen \"go\"";
        let html = safe_html(text).unwrap();
        assert_eq!(plain_text(&html).as_deref(), Some(text));
        assert_eq!(safe_html("<p onclick=x>a</p><script>b</script>").as_deref(), Some("<p>a</p>"));
        assert_eq!(safe_html("\0"), None);
    }
}
