//! What is accepted as a part, as tables.

use super::*;

const ASKED: Span = Span { start: 5, end: Some(10) };
const OPEN: Span = Span { start: 5, end: None };

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    map
}

fn part(span: Span, range: &str) -> Result<Accepted, &'static str> {
    accept(206, &headers(&[("content-range", range)]), span, None)
}

#[test]
fn a_part_is_the_one_that_was_asked_for() {
    for (span, range, length, total) in [
        (ASKED, "bytes 5-9/20", 5, 20),
        (ASKED, "Bytes 5-9/20", 5, 20),
        (ASKED, "bytes 5-9/10", 5, 10),
        (ASKED, "bytes 5-7/20", 3, 20),
        (ASKED, "bytes 5-6/7", 2, 7),
        (OPEN, "bytes 5-19/20", 15, 20),
        (OPEN, "bytes 5-9/20", 5, 20),
        (OPEN, "bytes 5-18446744073709551613/18446744073709551614", u64::MAX - 6, u64::MAX - 1),
    ] {
        let part = part(span, range).unwrap();
        assert_eq!((part.start, part.length, part.total), (5, Some(length), Some(total)), "{range}");
        assert!(part.is_part);
    }
}

#[test]
fn every_other_part_is_refused() {
    for range in [
        "bytes 4-9/20",
        "bytes 6-9/20",
        "bytes 0-9/20",
        "bytes 5-10/20",
        "bytes 5-19/20",
        "bytes 5-4/20",
        "bytes 5-9/9",
        "bytes 5-9/5",
        "bytes 5-9/*",
        "bytes */20",
        "bytes 5-9",
        "bytes 5/20",
        "bytes -5/20",
        "bytes +5-9/20",
        "bytes 5-+9/20",
        "bytes 5-9/-20",
        "bytes 5-9/0x20",
        "bytes 5-9/99999999999999999999",
        "bytes 5-9/20, bytes 0-4/20",
        "items 5-9/20",
        "bytes=5-9/20",
        "5-9/20",
        "",
    ] {
        assert!(part(ASKED, range).is_err(), "{range}");
    }
    assert!(accept(206, &HeaderMap::new(), ASKED, None).is_err());
}

#[test]
fn heads_that_contradict_themselves_are_refused() {
    let range = ("content-range", "bytes 5-9/20");
    for lines in [
        &[range, range][..],
        &[range, ("content-range", "bytes 0-4/20")],
        &[range, ("content-length", "6")],
        &[range, ("content-length", "4")],
        &[range, ("content-length", "5"), ("content-length", "5")],
        &[range, ("content-length", "-5")],
        &[range, ("content-encoding", "gzip")],
        &[range, ("content-encoding", "identity"), ("content-encoding", "br")],
        &[range, ("transfer-encoding", "gzip, chunked")],
        &[range, ("content-type", "multipart/byteranges; boundary=x")],
        &[range, ("content-type", "text/html; charset=utf-8")],
        &[range, ("content-type", "application/json")],
        &[range, ("content-type", "application/xml")],
    ] {
        assert!(accept(206, &headers(lines), ASKED, None).is_err(), "{lines:?}");
    }
    for fine in [
        &[range, ("content-length", "5")][..],
        &[range, ("content-encoding", "Identity"), ("transfer-encoding", "chunked")],
        &[range, ("content-type", "binary/octet-stream")],
    ] {
        assert!(accept(206, &headers(fine), ASKED, None).is_ok(), "{fine:?}");
    }
}

#[test]
fn a_whole_file_starts_at_its_beginning_whatever_was_asked() {
    let whole = accept(200, &headers(&[("content-length", "20"), ("etag", "\"a\"")]), ASKED, None).unwrap();
    let validator = Validator::strong("\"a\"");
    assert_eq!(whole, Accepted { start: 0, is_part: false, total: Some(20), length: Some(20), validator });
    let unannounced = accept(200, &HeaderMap::new(), ASKED, None).unwrap();
    assert_eq!((unannounced.total, unannounced.length), (None, None));
    for lines in [
        ("content-type", "text/html"),
        ("content-type", "application/json"),
        ("content-type", "text/xml"),
        ("content-encoding", "gzip"),
        ("content-range", "bytes 0-19/20"),
        ("content-length", "20, 20"),
    ] {
        assert!(accept(200, &headers(&[lines]), ASKED, None).is_err(), "{lines:?}");
    }
}

#[test]
fn a_part_of_a_changed_file_is_refused() {
    let wanted = Validator::strong("\"a\"");
    let with = |tag: &str| {
        let lines = headers(&[("content-range", "bytes 5-9/20"), ("etag", tag)]);
        accept(206, &lines, ASKED, wanted.as_ref())
    };
    assert!(with("\"a\"").is_ok());
    assert!(with("\"b\"").is_err());
    assert!(with("W/\"a\"").is_err());
    assert!(accept(206, &headers(&[("content-range", "bytes 5-9/20")]), ASKED, wanted.as_ref()).is_ok());
}

#[test]
fn weak_and_doubled_tags_are_no_validators() {
    for lines in [&[("etag", "W/\"a\"")][..], &[("etag", "a")], &[("etag", "\"a\""), ("etag", "\"a\"")]] {
        assert_eq!(accept(200, &headers(lines), OPEN, None).unwrap().validator, None, "{lines:?}");
    }
}

#[test]
fn the_length_is_read_from_a_refused_range() {
    let told = |range: &str| length_past_end(&headers(&[("content-range", range)]));
    assert_eq!(told("bytes */20"), Some(20));
    assert_eq!(told("bytes */0"), Some(0));
    for garbage in ["bytes */*", "bytes */-1", "bytes 0-1/20", "*/20x", "bytes */99999999999999999999", ""] {
        assert_eq!(told(garbage), None, "{garbage}");
    }
    assert_eq!(length_past_end(&HeaderMap::new()), None);
}

#[test]
fn refusals_of_storage_have_their_kinds() {
    use TransferErrorKind::{Expired, Gone, Odd, RateLimited, Server};
    for (status, kind) in [
        (400, Odd),
        (401, Expired),
        (403, Expired),
        (404, Gone),
        (405, Odd),
        (408, Server(None)),
        (410, Gone),
        (412, Odd),
        (418, Odd),
        (425, Server(None)),
        (429, RateLimited(None)),
        (500, Server(None)),
        (503, Server(None)),
        (599, Server(None)),
        (204, Odd),
        (304, Odd),
    ] {
        assert_eq!(refusal(status, None, false, false), kind, "{status}");
    }
    assert_eq!(refusal(404, None, true, false), Odd);
    assert_eq!(refusal(400, None, false, true), Expired);
    assert!(is_about_signature(b"<Error><Code>ExpiredToken</Code></Error>"));
    assert!(is_about_signature(b"<Message>Request has expired</Message>"));
    assert!(!is_about_signature(b"<Code>InvalidArgument</Code>"));
}
