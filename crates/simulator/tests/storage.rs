//! Storage that goes wrong: each scripted fault, seen from the other end of the connection.

mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use civitai_simulator::catalogue::known;
use civitai_simulator::{Action, Catalogue, Config, Fault, Generated, ModelSpec};
use serde_json::json;
use support::{Bench, Outcome, header};

/// What a connection brought, and how it ended.
struct Heard {
    bytes: Vec<u8>,
    end: Option<ErrorKind>,
}

impl Heard {
    fn head(&self) -> String {
        let end = self.bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(self.bytes.len());
        String::from_utf8_lossy(&self.bytes[..end]).to_ascii_lowercase()
    }

    fn body(&self) -> &[u8] {
        let start = self.bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(self.bytes.len(), |at| at + 4);
        &self.bytes[start..]
    }
}

/// Reads below HTTP until the connection ends, or is silent for a second while `silent` is expected.
fn hear(url: &str, range: &str, silent: bool) -> std::io::Result<Heard> {
    let (host, path) = url.trim_start_matches("http://").split_once('/').unwrap_or((url, ""));
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(if silent { 1 } else { 60 })))?;
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {host}\r\nrange: {range}\r\nconnection: close\r\n\r\n")?;
    let mut heard = Heard { bytes: Vec::new(), end: None };
    let mut buffer = vec![0; 64 << 10];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(heard),
            Ok(count) => heard.bytes.extend_from_slice(&buffer[..count]),
            Err(error) => {
                heard.end = Some(error.kind());
                return Ok(heard);
            }
        }
    }
}

struct Object {
    bench: Bench,
    url: String,
    bytes: Vec<u8>,
}

impl Object {
    async fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let bench = Bench::new().await?;
        let url = bench.signed(known::LATEST).await?;
        let bytes =
            bench.simulator.catalogue().file_named(known::LATEST).expect("in the catalogue").spec.bytes.to_vec();
        Ok(Self { bench, url, bytes })
    }

    /// The answer to a range while one fault is on.
    fn with(&self, action: Action, range: &str) -> std::io::Result<Heard> {
        let faults = self.bench.simulator.faults();
        faults.clear();
        let silent = matches!(action, Action::StallAfter { .. });
        faults.push(Fault::new(action).on_endpoint("storage"));
        let heard = hear(&self.url, range, silent);
        faults.clear();
        heard
    }
}

const ALL: &str = "bytes=0-";

#[tokio::test]
async fn connections_end_in_the_scripted_way_after_the_scripted_byte() -> Outcome {
    let object = Object::new().await?;
    let size = object.bytes.len();
    let close = object.with(Action::CutAfter { bytes: 3000 }, ALL)?;
    assert_eq!((close.body(), close.end), (&object.bytes[..3000], None));
    assert!(close.head().contains(&format!("content-length: {size}")));
    let reset = object.with(Action::ResetAfter { bytes: 3000 }, ALL)?;
    assert_eq!((reset.body(), reset.end), (&object.bytes[..3000], Some(ErrorKind::ConnectionReset)));
    let stall = object.with(Action::StallAfter { bytes: 3000 }, ALL)?;
    assert_eq!((stall.body(), stall.end), (&object.bytes[..3000], Some(ErrorKind::WouldBlock)));
    let open = object.with(Action::Unterminated { bytes: 3000 }, ALL)?;
    assert!(open.head().contains("transfer-encoding: chunked") && !open.head().contains("content-length"));
    assert!(open.body().len() > 3000 && !open.body().ends_with(b"0\r\n\r\n") && open.end.is_none());
    let longer = object.with(Action::LongerBody { bytes: 7 }, "bytes=10-19")?;
    assert!(longer.head().contains("content-length: 10"));
    assert_eq!(longer.body(), [&object.bytes[10..20], b"+++++++"].concat());
    let whole = hear(&object.url, ALL, false)?;
    assert_eq!(whole.body(), object.bytes, "and it recovers");
    Ok(())
}

#[tokio::test]
async fn parts_can_be_lied_about() -> Outcome {
    let object = Object::new().await?;
    let size = object.bytes.len();
    let told = |heard: &Heard| {
        let head = heard.head();
        head.lines().find_map(|line| line.strip_prefix("content-range: ").map(str::to_owned))
    };
    for (start, end, total) in [(1, 0, 0), (-5, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)] {
        let heard = object.with(Action::ShiftRange { start, end, total }, "bytes=100-199")?;
        let size = i64::try_from(size)?;
        assert_eq!(told(&heard), Some(format!("bytes {}-{}/{}", 100 + start, 199 + end, size + total)));
        assert_eq!(heard.body(), &object.bytes[100..200]);
    }
    let unsaid = object.with(Action::Header { name: "content-range".to_owned(), value: None }, "bytes=100-199")?;
    assert!(unsaid.head().starts_with("http/1.1 206") && told(&unsaid).is_none());
    let several = object.with(Action::Multipart, "bytes=100-199")?;
    assert!(several.head().contains("multipart/byteranges; boundary=part"));
    assert!(several.body().windows(100).any(|part| part == &object.bytes[100..200]));
    let known = object.with(Action::Unsatisfiable { total: true }, "bytes=100-199")?;
    assert!(known.head().starts_with("http/1.1 416"));
    assert_eq!(told(&known), Some(format!("bytes */{size}")));
    assert_eq!(told(&object.with(Action::Unsatisfiable { total: false }, "bytes=100-199")?), None);
    Ok(())
}

#[tokio::test]
async fn tags_change_weaken_and_vanish_and_if_range_notices() -> Outcome {
    let object = Object::new().await?;
    let client = &object.bench.client;
    let own = header(&client.get(&object.url).send().await?, "etag").to_owned();
    let faults = object.bench.simulator.faults();
    let ask = async |tag: &str| {
        let response = client.get(&object.url).header("range", "bytes=5-9").header("if-range", tag).send().await?;
        reqwest::Result::Ok((response.status().as_u16(), header(&response, "etag").to_owned()))
    };
    // The third request on.
    faults.push(Fault::new(Action::Etag { value: Some("\"new\"".to_owned()) }).on_endpoint("storage").after(2));
    assert_eq!(ask(&own).await?, (206, own.clone()));
    assert_eq!(ask(&own).await?, (206, own.clone()));
    assert_eq!(ask(&own).await?, (200, "\"new\"".to_owned()));
    assert_eq!(ask("\"new\"").await?, (206, "\"new\"".to_owned()));
    faults.clear();
    faults.push(Fault::new(Action::Etag { value: Some("W/\"weak\"".to_owned()) }).on_endpoint("storage"));
    assert_eq!(ask("W/\"weak\"").await?, (200, "W/\"weak\"".to_owned()));
    faults.clear();
    faults.push(Fault::new(Action::Etag { value: None }).on_endpoint("storage"));
    assert_eq!(ask(&own).await?, (200, String::new()));
    Ok(())
}

#[tokio::test]
async fn bodies_come_compressed_although_nobody_asked() -> Outcome {
    let object = Object::new().await?;
    let gzip = object.with(Action::Gzip, "bytes=0-9999")?;
    assert!(gzip.head().contains("content-encoding: gzip") && gzip.head().contains("content-range: bytes 0-9999/"));
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(gzip.body()).read_to_end(&mut plain)?;
    assert_eq!(plain, &object.bytes[..10_000]);
    let bomb = object.with(Action::GzipBomb { bytes: 32 << 20 }, ALL)?;
    assert!(bomb.body().len() < 64 << 10, "{}", bomb.body().len());
    let mut count = 0;
    let mut decoder = flate2::read::GzDecoder::new(bomb.body());
    let mut buffer = vec![0; 1 << 20];
    while let bytes @ 1.. = decoder.read(&mut buffer)? {
        count += bytes;
    }
    assert_eq!(count, 32 << 20);
    Ok(())
}

#[tokio::test]
async fn storage_redirects_as_long_as_it_was_told_to() -> Outcome {
    let object = Object::new().await?;
    let client = &object.bench.client;
    let faults = object.bench.simulator.faults();
    faults.push(Fault::new(Action::RedirectChain { hops: 3 }).on_endpoint("storage"));
    let mut url = object.url.clone();
    for _ in 0..3 {
        let hop = client.get(&url).send().await?;
        assert_eq!(hop.status(), 302);
        header(&hop, "location").clone_into(&mut url);
    }
    assert_eq!(client.get(&url).send().await?.bytes().await?, object.bytes);
    faults.clear();
    for to in ["https://storage.example/x", "file:///etc/passwd", "http://[::1]/x", "//me@evil.example/"] {
        faults.push(Fault::redirect(to).on_endpoint("storage").times(1));
        let hop = client.get(&object.url).send().await?;
        assert_eq!((hop.status().as_u16(), header(&hop, "location")), (302, to));
        faults.clear();
    }
    Ok(())
}

#[tokio::test]
async fn an_address_can_expire_while_it_is_read() -> Outcome {
    let object = Object::new().await?;
    let heard = object.with(Action::Expire, "bytes=0-999")?;
    assert_eq!(heard.body(), &object.bytes[..1000]);
    let later = hear(&object.url, "bytes=1000-1999", false)?;
    assert!(later.head().starts_with("http/1.1 403") && later.head().contains("application/xml"));
    let fresh = object.bench.signed(known::LATEST).await?;
    assert_eq!(hear(&fresh, "bytes=1000-1999", false)?.body(), &object.bytes[1000..2000]);
    Ok(())
}

#[tokio::test]
async fn headers_can_be_many_long_and_malformed() -> Outcome {
    let object = Object::new().await?;
    let many = object.with(Action::HeaderBomb { headers: 100_000, bytes: 10 }, "bytes=0-9")?;
    assert_eq!(many.head().lines().filter(|line| line.starts_with("x-bomb-")).count(), 100_000);
    let long = object.with(Action::HeaderBomb { headers: 1, bytes: 1 << 20 }, "bytes=0-9")?;
    assert!(long.head().len() > 1 << 20);
    for line in
        ["x-odd: a\0b", "x-odd: a\rb", "Content-Disposition: attachment; filename=\"../../x\"", "Content-Length: 5"]
    {
        let heard = object.with(Action::RawHeader { line: line.to_owned() }, "bytes=0-9")?;
        assert!(heard.head().contains(&line.to_ascii_lowercase()), "{line}");
        assert_eq!(heard.body(), &object.bytes[..10]);
    }
    Ok(())
}

#[tokio::test]
async fn the_record_tells_what_was_sent_and_what_came_along() -> Outcome {
    let object = Object::new().await?;
    let bench = &object.bench;
    bench.simulator.reset_counts();
    let client = &bench.client;
    assert_eq!(client.get(&object.url).header("range", "bytes=5-104").send().await?.bytes().await?.len(), 100);
    object.with(Action::CutAfter { bytes: 3000 }, ALL)?;
    client.get(&object.url).header("cookie", "a=b").header("referer", "http://x/").send().await?.bytes().await?;
    client.get(&object.url).bearer_auth("x").header("if-range", "\"a\"").send().await?;
    let record = bench.simulator.requests();
    let sent: Vec<u64> = record.iter().map(|request| request.sent).collect();
    assert_eq!(sent[..3], [100, 3000, object.bytes.len() as u64]);
    assert_eq!(record[0].range.as_deref(), Some("bytes=5-104"));
    let marks: Vec<_> = record.iter().map(|one| (one.cookie, one.referer, one.authorization)).collect();
    assert_eq!(marks, [(false, false, false), (false, false, false), (true, true, false), (false, false, true)]);
    assert_eq!(record[3].if_range.as_deref(), Some("\"a\""));
    Ok(())
}

#[tokio::test]
async fn files_larger_than_memory_are_served_in_parts() -> Outcome {
    const SIZE: u64 = 200 << 20;
    let mut builder = Catalogue::builder();
    let content = Generated::new(3, SIZE);
    builder.add_generated("large.safetensors", content.clone(), ModelSpec::new("Large", "Checkpoint"));
    // Listed as if it were far larger than anything here could hold; nobody reads all of it.
    let huge = builder.add_file("huge.safetensors", vec![0; 16], ModelSpec::new("Huge", "Checkpoint"));
    builder.edit_file(huge.file, |file| file.spec.generated = Some(Generated::new(4, 1 << 44)));
    let bench = Bench::with(Config::default(), builder.build()).await?;
    let url = bench.signed("large.safetensors").await?;
    let mut whole = bench.client.get(&url).send().await?;
    assert_eq!(header(&whole, "content-length"), SIZE.to_string());
    let mut at = 0;
    while let Some(chunk) = whole.chunk().await? {
        let mut rest = &chunk[..];
        while !rest.is_empty() {
            let piece = content.piece(at, rest.len() as u64);
            assert!(rest.starts_with(&piece), "at {at}");
            rest = &rest[piece.len()..];
            at += piece.len() as u64;
        }
    }
    assert_eq!(at, SIZE);
    let bomb = Action::Corrupt { offset: 5, bytes: 2 };
    bench.simulator.faults().push(Fault::new(bomb).on_endpoint("storage").nth(1));
    let part = bench.client.get(&url).header("range", "bytes=5000000-5000009").send().await?.bytes().await?;
    let differs: Vec<usize> = (0..10).filter(|&place| part[place] != content.piece(5_000_000, 10)[place]).collect();
    assert_eq!(differs, [5, 6]);
    let huge = bench.signed("huge.safetensors").await?;
    let end = (1_u64 << 44) - 3;
    let tail = bench.client.get(&huge).header("range", format!("bytes={end}-")).send().await?;
    assert_eq!(header(&tail, "content-range"), format!("bytes {end}-{}/{}", end + 2, 1_u64 << 44));
    assert_eq!(tail.bytes().await?, Generated::new(4, 1 << 44).piece(end, 3));
    Ok(())
}

#[tokio::test]
async fn every_new_fault_can_be_scripted_over_http() -> Outcome {
    let bench = Bench::new().await?;
    let actions = [
        json!({ "do": "reset_after", "bytes": 5 }),
        json!({ "do": "stall_after", "bytes": 5 }),
        json!({ "do": "unterminated", "bytes": 5 }),
        json!({ "do": "longer_body", "bytes": 5 }),
        json!({ "do": "etag", "value": "W/\"a\"" }),
        json!({ "do": "etag" }),
        json!({ "do": "shift_range", "start": -1 }),
        json!({ "do": "multipart" }),
        json!({ "do": "unsatisfiable", "total": false }),
        json!({ "do": "gzip" }),
        json!({ "do": "gzip_bomb", "bytes": 1000 }),
        json!({ "do": "redirect_chain", "hops": 9 }),
        json!({ "do": "expire" }),
        json!({ "do": "header_bomb", "headers": 1000, "bytes": 1 }),
        json!({ "do": "raw_header", "line": "x: \u{0}" }),
    ];
    let faults: Vec<_> =
        actions.iter().map(|action| json!({ "endpoint": "storage", "after": 1, "action": action })).collect();
    assert_eq!(bench.post("/__sim/faults", &json!(faults)).await?.status(), 204);
    assert_eq!(bench.simulator.faults().list().len(), actions.len());
    Ok(())
}
