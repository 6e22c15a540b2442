//! Downloads, signed storage, and pictures, against real listeners.

mod support;

use std::time::Duration;

use civitai_simulator::catalogue::known;
use civitai_simulator::{Catalogue, Config};
use serde_json::Value;
use support::{Bench, Outcome, header};

#[tokio::test]
async fn a_download_redirects_to_another_origin_that_delivers_the_bytes() -> Outcome {
    let bench = Bench::new().await?;
    let path = format!("/api/download/models/{}", bench.version(known::LATEST));
    let response = bench.get_authed(&path).await?;
    assert_eq!(response.status(), 307);
    assert_eq!(header(&response, "cache-control"), "no-store, max-age=0");
    let url = header(&response, "location").to_owned();
    assert!(url.starts_with(bench.simulator.storage_url()));
    assert_ne!(bench.simulator.storage_url(), bench.simulator.base_url());
    let object = bench.client.get(&url).send().await?;
    assert_eq!(object.status(), 200);
    assert_eq!(header(&object, "accept-ranges"), "bytes");
    assert_eq!(header(&object, "content-disposition"), "attachment; filename=\"inkwash_v23.safetensors\"");
    let catalogue = bench.simulator.catalogue();
    let expected = &catalogue.file_named(known::LATEST).expect("in the catalogue").spec.bytes;
    assert_eq!(&object.bytes().await?, expected);
    // The token may travel in the query too.
    assert_eq!(bench.get(&format!("{path}?token=demo-token")).await?.status(), 307);
    Ok(())
}

#[tokio::test]
async fn refusals_come_in_the_documented_words() -> Outcome {
    let bench = Bench::new().await?;
    let path = |name: &str| format!("/api/download/models/{}", bench.version(name));
    let anonymous = bench.get(&path(known::LATEST)).await?;
    assert_eq!(anonymous.status(), 401);
    let anonymous: Value = anonymous.json().await?;
    assert_eq!(anonymous["message"], "The creator of this asset requires you to be logged in to download it");
    for (name, status, field, text) in [
        (known::ARCHIVED, 410, "error", "Model archived, not available for download"),
        (known::EARLY_ACCESS, 403, "error", "Early Access"),
        (known::DOWNLOADS_DISABLED, 401, "message", "The creator of this asset has disabled downloads on this file"),
        (known::REAL_PERSON, 404, "error", "File not found"),
        (known::UNPUBLISHED, 404, "error", "File not found"),
        (known::NO_PRIMARY, 404, "error", "File not found"),
    ] {
        let response = bench.get_authed(&path(name)).await?;
        assert_eq!(response.status(), status, "{name}");
        assert_eq!(response.json::<Value>().await?[field], text, "{name}");
    }
    let latest = path(known::LATEST);
    for (query, status) in [("fileId=1", 404), ("fileId=x", 400), ("type=Nonsense", 400), ("format=GGUF", 404)] {
        assert_eq!(bench.get_authed(&format!("{latest}?{query}")).await?.status(), status, "{query}");
    }
    assert_eq!(bench.get_authed("/api/download/models/1").await?.status(), 404);
    Ok(())
}

#[tokio::test]
async fn browsers_get_pages_instead_of_errors() -> Outcome {
    let bench = Bench::new().await?;
    let path = format!("/api/download/models/{}", bench.version(known::LATEST));
    let request = bench.client.get(bench.url(&path)).header("user-agent", "Mozilla/5.0");
    let response = request.send().await?;
    assert_eq!(response.status(), 307);
    let page = bench.client.get(header(&response, "location")).send().await?;
    assert_eq!(page.status(), 200);
    assert!(header(&page, "content-type").starts_with("text/html"));
    Ok(())
}

#[tokio::test]
async fn every_listed_url_and_every_file_number_leads_to_that_file() -> Outcome {
    let bench = Bench::new().await?;
    let catalogue = bench.simulator.catalogue();
    for name in [known::LARGE_CHECKPOINT, "harborlight_v2.safetensors", "graphite_flux_q8.gguf"] {
        let id = bench.version(name);
        let version = bench.json(&format!("/api/v1/model-versions/{id}")).await?;
        for file in version["files"].as_array().expect("files") {
            let listed = file["downloadUrl"].as_str().expect("a URL").to_owned();
            let numbered = bench.url(&format!("/api/download/models/{id}?fileId={}", file["id"]));
            for url in [listed, numbered] {
                let hop = bench.client.get(&url).bearer_auth("demo-token").send().await?;
                let bytes = bench.client.get(header(&hop, "location")).send().await?.bytes().await?;
                let number = file["id"].as_u64().expect("a number");
                assert_eq!(bytes, catalogue.file(number).expect("in the catalogue").spec.bytes, "{url}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn storage_resumes_while_the_tag_holds() -> Outcome {
    let bench = Bench::new().await?;
    let url = bench.signed(known::LATEST).await?;
    let whole = bench.client.get(&url).send().await?;
    let etag = header(&whole, "etag").to_owned();
    assert!(etag.starts_with('"'), "strong: {etag}");
    let whole = whole.bytes().await?;
    let size = whole.len();
    let ask = async |range: &str, tag: Option<&str>| {
        let mut request = bench.client.get(&url).header("range", range);
        if let Some(tag) = tag {
            request = request.header("if-range", tag);
        }
        request.send().await
    };
    let tail = ask("bytes=1000-", Some(&etag)).await?;
    assert_eq!(tail.status(), 206);
    assert_eq!(header(&tail, "content-range"), format!("bytes 1000-{}/{size}", size - 1));
    assert_eq!(tail.bytes().await?, whole.slice(1000..));
    assert_eq!(ask("bytes=0-9", None).await?.bytes().await?, whole.slice(..10));
    assert_eq!(ask("bytes=-5", None).await?.bytes().await?, whole.slice(size - 5..));
    let changed = ask("bytes=1000-", Some("\"other\"")).await?;
    assert_eq!((changed.status().as_u16(), changed.bytes().await?.len()), (200, size));
    let beyond = ask(&format!("bytes={size}-"), None).await?;
    assert_eq!(beyond.status(), 416);
    assert_eq!(header(&beyond, "content-range"), format!("bytes */{size}"));
    let head = bench.client.head(&url).send().await?;
    assert_eq!(header(&head, "content-length"), size.to_string());
    Ok(())
}

#[tokio::test]
async fn storage_rejects_a_token_a_forged_and_an_expired_signature() -> Outcome {
    let bench = Bench::new().await?;
    let url = bench.signed(known::LATEST).await?;
    let doubled = bench.client.get(&url).bearer_auth("demo-token").send().await?;
    assert_eq!(doubled.status(), 400);
    assert!(doubled.text().await?.contains("<Code>InvalidArgument</Code>"));
    let forged = bench.client.get(url.replace("X-Amz-Expires=3600", "X-Amz-Expires=9999")).send().await?;
    assert_eq!(forged.status(), 403);
    assert!(forged.text().await?.contains("SignatureDoesNotMatch"));
    bench.simulator.expire_signed_urls();
    assert_eq!(bench.client.get(&url).send().await?.status(), 403);

    let config = Config { signed_url_lifetime: Duration::ZERO, ..Config::default() };
    let hasty = Bench::with(config, Catalogue::standard()).await?;
    let expired = hasty.client.get(hasty.signed(known::LATEST).await?).send().await?;
    assert_eq!(expired.status(), 403);
    assert!(expired.text().await?.contains("Request has expired"));
    Ok(())
}

#[tokio::test]
async fn a_purchase_and_an_open_door_change_who_may_download() -> Outcome {
    let version = Bench::new().await?.version(known::EARLY_ACCESS);
    let config = Config { purchased: vec![version], anonymous_downloads: true, ..Config::default() };
    let bench = Bench::with(config, Catalogue::standard()).await?;
    let path = format!("/api/download/models/{version}");
    assert_eq!(bench.get_authed(&path).await?.status(), 307);
    assert_eq!(bench.get(&path).await?.status(), 403);
    let public = format!("/api/download/models/{}", bench.version(known::LATEST));
    assert_eq!(bench.get(&public).await?.status(), 307);
    Ok(())
}

#[tokio::test]
async fn pictures_are_what_their_bytes_say() -> Outcome {
    let bench = Bench::new().await?;
    let id = bench.version("slow_dolly_wan_high.safetensors");
    let version = bench.json(&format!("/api/v1/model-versions/{id}")).await?;
    let urls: Vec<&str> =
        version["images"].as_array().expect("images").iter().filter_map(|image| image["url"].as_str()).collect();
    assert_eq!(version["images"][0]["type"], "video");
    let video = bench.client.get(urls[0]).send().await?;
    assert_eq!(header(&video, "content-type"), "video/mp4");
    assert_eq!(&video.bytes().await?[4..8], b"ftyp");
    let jpeg = bench.client.get(urls[1]).send().await?.bytes().await?;
    assert_eq!(jpeg[..3], [0xff, 0xd8, 0xff]);
    // A PNG under a `.jpeg` name, and a JPEG when it is resized.
    assert!(urls[2].rsplit_once('.').is_some_and(|(_, extension)| extension == "jpeg"));
    let png = bench.client.get(urls[2]).send().await?;
    assert_eq!(header(&png, "content-type"), "image/png");
    assert_eq!(&png.bytes().await?[1..4], b"PNG");
    let small = bench.client.get(urls[2].replace("original=true", "width=96")).send().await?.bytes().await?;
    let picture = image::load_from_memory(&small)?;
    assert_eq!((picture.width(), picture.height()), (96, 120));
    assert_eq!(bench.simulator.count("images"), 4);
    let missing = urls[1].replace(&urls[1][70..74], "zzzz");
    assert_eq!(bench.client.get(missing).send().await?.status(), 404);
    Ok(())
}
