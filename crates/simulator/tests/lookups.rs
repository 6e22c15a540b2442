//! Lookups by hash and number, against a real listener.

mod support;

use civitai_simulator::catalogue::known;
use serde_json::{Value, json};
use support::{Bench, Outcome, header};

#[tokio::test]
async fn any_hash_of_any_case_finds_the_version() -> Outcome {
    let bench = Bench::new().await?;
    let catalogue = bench.simulator.catalogue();
    let file = catalogue.file_named(known::LARGE_CHECKPOINT).expect("in the catalogue");
    let hashes = file.hashes.clone();
    let all = [
        hashes.auto_v1.expect("over 2 MiB"),
        hashes.auto_v2,
        hashes.auto_v3.expect("safetensors"),
        hashes.sha256,
        hashes.crc32,
        hashes.blake3,
    ];
    for hash in all {
        for hash in [hash.to_lowercase(), hash] {
            let value = bench.json(&format!("/api/v1/model-versions/by-hash/{hash}")).await?;
            assert_eq!(value["id"], file.version_id);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_version_has_the_documented_shape() -> Outcome {
    let bench = Bench::new().await?;
    let hash = bench.sha256(known::LATEST);
    let value = bench.json(&format!("/api/v1/model-versions/by-hash/{hash}")).await?;
    let mut keys: Vec<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "air",
            "baseModel",
            "baseModelType",
            "createdAt",
            "description",
            "downloadUrl",
            "files",
            "id",
            "images",
            "licensingFee",
            "model",
            "modelId",
            "name",
            "nsfwLevel",
            "paidAccess",
            "publishedAt",
            "stats",
            "status",
            "trainedWords",
            "trainingDetails",
            "trainingStatus",
            "updatedAt",
            "uploadType",
            "usageControl",
        ]
    );
    let id = value["id"].as_u64().expect("a number");
    assert_eq!(value["air"], format!("urn:air:sdxl:lora:civitai:{}@{id}", value["modelId"]));
    assert_eq!(value["downloadUrl"], bench.url(&format!("/api/download/models/{id}")));
    let file = &value["files"][0];
    assert_eq!(file["hashes"]["SHA256"], hash);
    assert_eq!(file["hashes"].get("AutoV1"), None);
    assert_eq!(file["primary"], true);
    assert_eq!(value["images"][0].get("id"), None);
    let catalogue = bench.simulator.catalogue();
    let bytes = catalogue.file_named(known::LATEST).expect("in the catalogue").spec.bytes.len();
    let kib = file["sizeKB"].as_f64().expect("a number");
    assert!((kib * 1024.0 - f64::from(u32::try_from(bytes)?)).abs() < 0.5);
    Ok(())
}

#[tokio::test]
async fn misses_and_bad_numbers_are_worded_as_documented() -> Outcome {
    let bench = Bench::new().await?;
    for (path, status, error) in [
        ("/api/v1/model-versions/by-hash/garbage", 404, "Model not found"),
        ("/api/v1/model-versions/by-hash/", 400, "Missing hash"),
        ("/api/v1/model-versions/999999", 404, "Model not found"),
        ("/api/v1/model-versions/0", 400, "Missing modelVersionId"),
        ("/api/v1/model-versions/99999999999", 500, "Failed to fetch model version details"),
        ("/api/v1/models/0", 404, "No model with id 0"),
        ("/api/v1/models/123", 404, "No model with id 123"),
        ("/api/v1/model-versions/mini/7", 404, "Model not found"),
    ] {
        let response = bench.get(path).await?;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(response.json::<Value>().await?["error"], error, "{path}");
    }
    assert_eq!(bench.get("/api/v1/model-versions/abc").await?.status(), 400);
    assert_eq!(bench.get("/api/v1/models/2147483648").await?.status(), 400);
    Ok(())
}

#[tokio::test]
async fn special_versions_answer_in_their_special_ways() -> Outcome {
    let bench = Bench::new().await?;
    let by_hash = async |name: &str| {
        let hash = bench.sha256(name);
        bench.get(&format!("/api/v1/model-versions/by-hash/{hash}")).await
    };
    let archived: Value = by_hash(known::ARCHIVED).await?.json().await?;
    assert_eq!(archived["model"]["mode"], "Archived");
    assert_eq!(archived["files"], json!([]));
    assert_eq!(archived.get("downloadUrl"), None);

    let taken_down: Value = by_hash(known::TAKEN_DOWN).await?.json().await?;
    assert_eq!(taken_down["images"], json!([]));
    assert_eq!(taken_down["files"].as_array().map(Vec::len), Some(1));

    assert_eq!(by_hash(known::UNRATED).await?.status(), 200);
    let unrated = bench.version(known::UNRATED);
    assert_eq!(bench.get(&format!("/api/v1/model-versions/{unrated}")).await?.status(), 404);

    let missing = by_hash(known::NO_PRIMARY).await?;
    assert_eq!(missing.status(), 404);
    assert_eq!(missing.json::<Value>().await?["error"], "Missing model file");

    let early: Value = by_hash(known::EARLY_ACCESS).await?.json().await?;
    assert_eq!(early["paidAccess"]["permanent"], false);
    let hidden: Value = by_hash(known::HIDDEN_STATS).await?.json().await?;
    assert_eq!(hidden["stats"]["downloadCount"], Value::Null);
    assert_eq!(by_hash(known::UNPUBLISHED).await?.status(), 404);

    let unknown: Value = by_hash(known::UNKNOWN_TYPE).await?.json().await?;
    assert_eq!(unknown["model"]["type"], "LatentAdapter");
    assert_eq!(unknown["files"][0]["type"], "Latent Adapter");
    assert_eq!(unknown["latticeRevision"], "b7");
    Ok(())
}

#[tokio::test]
async fn a_replaced_file_is_found_by_hash_but_listed_by_number_only() -> Outcome {
    let bench = Bench::new().await?;
    let hash = bench.sha256(known::REPLACED);
    let by_hash = bench.json(&format!("/api/v1/model-versions/by-hash/{hash}")).await?;
    assert!(!by_hash["files"].to_string().contains(&hash));
    let by_id = bench.json(&format!("/api/v1/model-versions/{}", by_hash["id"])).await?;
    assert!(by_id["files"].to_string().contains(&hash));
    // The raw SQL road prints nested timestamps without a zone.
    assert_eq!(by_id["files"][0]["scannedAt"], "2025-08-01T23:05:11");
    assert_eq!(by_hash["files"][0]["scannedAt"], "2025-08-01T23:05:11.000Z");
    Ok(())
}

#[tokio::test]
async fn of_two_uploads_the_earlier_published_one_is_answered() -> Outcome {
    let bench = Bench::new().await?;
    let hash = bench.sha256(known::DUPLICATED);
    let value = bench.json(&format!("/api/v1/model-versions/by-hash/{hash}")).await?;
    assert_eq!(value["id"], bench.version(known::DUPLICATE));
    let ids: Value = bench.post("/api/v1/model-versions/by-hash/ids", &json!([hash])).await?.json().await?;
    let mut versions: Vec<u64> =
        ids.as_array().expect("an array").iter().filter_map(|row| row["modelVersionId"].as_u64()).collect();
    versions.sort_unstable();
    assert_eq!(versions, [bench.version(known::DUPLICATED), bench.version(known::DUPLICATE)]);
    Ok(())
}

#[tokio::test]
async fn a_linked_vae_is_listed_under_the_version_that_shows_it() -> Outcome {
    let bench = Bench::new().await?;
    let id = bench.version("harborlight_v2.safetensors");
    let value = bench.json(&format!("/api/v1/model-versions/{id}")).await?;
    let vae = value["files"].as_array().expect("files").iter().find(|file| file["type"] == "VAE").expect("a VAE");
    assert_eq!(vae["primary"], false);
    assert_eq!(vae["downloadUrl"], bench.url(&format!("/api/download/models/{id}?type=VAE&format=SafeTensor")));
    let vae = bench.sha256("clearwater.vae.safetensors");
    let own = bench.json(&format!("/api/v1/model-versions/by-hash/{vae}")).await?;
    assert_ne!(own["id"], id);
    Ok(())
}

#[tokio::test]
async fn the_full_batch_repeats_shuffles_nulls_and_breaks_urls() -> Outcome {
    let bench = Bench::new().await?;
    let names = [
        known::LARGE_CHECKPOINT,
        "meridianXL_v4_pruned.safetensors",
        known::NO_PRIMARY,
        known::ARCHIVED,
        known::OUTDATED,
        "paper_diorama.safetensors",
    ];
    let mut hashes: Vec<String> = names.iter().map(|name| bench.sha256(name).to_lowercase()).collect();
    hashes.push("0".repeat(64));
    let catalogue = bench.simulator.catalogue();
    let blake3 = &catalogue.file_named("velvetNoir_v09.safetensors").expect("in the catalogue").hashes.blake3;
    hashes.push(blake3.clone());
    let ask = async || -> reqwest::Result<Vec<Value>> {
        bench.post("/api/v1/model-versions/by-hash", &json!(hashes)).await?.json().await
    };
    let answer = ask().await?;
    assert_eq!(answer.len(), names.len());
    assert_eq!(answer.iter().filter(|value| value.is_null()).count(), 1);
    let meridian = bench.version(known::LARGE_CHECKPOINT);
    assert_eq!(answer.iter().filter(|value| value["id"] == meridian).count(), 2);
    assert_eq!(answer, ask().await?, "the order is always the same");
    let asked: Vec<u64> = names.iter().map(|name| bench.version(name)).collect();
    let answered: Vec<u64> = answer.iter().map(|value| value["id"].as_u64().unwrap_or(0)).collect();
    assert_ne!(answered, asked, "and not the order of the question");
    let url = answer.iter().find_map(|value| value["downloadUrl"].as_str()).expect("a URL");
    assert!(url.starts_with("https://undefined/api/download/models/"), "{url}");
    Ok(())
}

#[tokio::test]
async fn one_bad_hash_spoils_a_batch() -> Outcome {
    let bench = Bench::new().await?;
    let good = bench.sha256(known::LATEST);
    let too_many: Vec<&str> = vec![&good; 101];
    for (path, body) in [
        ("by-hash", json!([good, "abc"])),
        ("by-hash/ids", json!([good, 5])),
        ("by-hash", json!({ "hashes": [good] })),
        ("by-hash", json!(too_many)),
        ("by-hash/ids", json!(vec![&good[..]; 10_001])),
    ] {
        let response = bench.post(&format!("/api/v1/model-versions/{path}"), &body).await?;
        assert_eq!(response.status(), 400);
        let error = response.json::<Value>().await?["error"].as_str().expect("text").to_owned();
        assert!(error.starts_with("Request must include an array of SHA256 Hashes. "), "{error}");
        assert_eq!(error.contains("Too many hashes"), body.as_array().is_some_and(|items| items.len() > 100));
    }
    let empty = bench.post("/api/v1/model-versions/by-hash", &json!([])).await?;
    assert_eq!((empty.status().as_u16(), empty.text().await?), (200, "[]".to_owned()));
    Ok(())
}

#[tokio::test]
async fn a_batch_must_call_itself_json_and_stay_below_one_mebibyte() -> Outcome {
    let bench = Bench::new().await?;
    let body = json!([bench.sha256(known::LATEST)]).to_string();
    let url = bench.url("/api/v1/model-versions/by-hash");
    let plain = bench.client.post(&url).body(body.clone()).send().await?;
    assert_eq!(plain.status(), 400);
    let form =
        bench.client.post(&url).header("content-type", "application/x-www-form-urlencoded").body(body).send().await?;
    assert_eq!(form.status(), 400);
    let ids = bench.url("/api/v1/model-versions/by-hash/ids");
    let large = "x".repeat((1 << 20) + 1);
    let large = bench.client.post(ids).header("content-type", "application/json").body(large).send().await?;
    assert_eq!(large.status(), 413);
    Ok(())
}

#[tokio::test]
async fn ten_thousand_hashes_fit_one_request() -> Outcome {
    let catalogue = civitai_simulator::Catalogue::bulk(1_000, 7);
    let mut hashes: Vec<String> = catalogue.files().map(|file| file.hashes.sha256.clone()).collect();
    hashes.extend((hashes.len()..10_000).map(|number| format!("{number:064}")));
    let bench = Bench::with(civitai_simulator::Config::default(), catalogue).await?;
    let answer: Vec<Value> = bench.post("/api/v1/model-versions/by-hash/ids", &json!(hashes)).await?.json().await?;
    assert_eq!(answer.len(), 1_000);
    assert_eq!(bench.simulator.requests()[0].batch, Some(10_000));
    Ok(())
}

#[tokio::test]
async fn mini_tells_the_raw_name_and_the_gate() -> Outcome {
    let bench = Bench::new().await?;
    let id = bench.version(known::LARGE_CHECKPOINT);
    let mini = bench.json(&format!("/api/v1/model-versions/mini/{id}")).await?;
    assert_eq!(mini["fileName"], "meridianXL_v4_pruned.safetensors");
    let full = bench.json(&format!("/api/v1/model-versions/{id}")).await?;
    assert_eq!(full["files"][0]["name"], "meridianXL_v40.safetensors");
    let file = full["files"][0]["id"].as_u64().expect("a number");
    let one = bench.json(&format!("/api/v1/model-versions/mini/{id}?modelFileId={file}")).await?;
    assert!(one["air"].as_str().is_some_and(|air| air.ends_with(&format!("+{file}"))));
    assert!(one["downloadUrls"][0].as_str().is_some_and(|url| url.ends_with(&format!("?fileId={file}"))));
    let wrong = bench.get(&format!("/api/v1/model-versions/mini/{id}?modelFileId=1")).await?;
    assert_eq!(wrong.status(), 404);
    assert_eq!(bench.get(&format!("/api/v1/model-versions/mini/{id}?epoch=3")).await?.status(), 400);
    let early = bench.version(known::EARLY_ACCESS);
    let early = bench.json(&format!("/api/v1/model-versions/mini/{early}")).await?;
    assert_eq!((&early["availability"], &early["checkPermission"]), (&json!("EarlyAccess"), &json!(true)));
    Ok(())
}

#[tokio::test]
async fn wrappers_set_cache_and_method_rules() -> Outcome {
    let bench = Bench::new().await?;
    let short = "public, s-maxage=300, stale-while-revalidate=150";
    let long = "public, s-maxage=3600, stale-while-revalidate=1800";
    let id = bench.version(known::LATEST);
    let version = format!("/api/v1/model-versions/{id}");
    for (path, cache) in [
        ("/api/v1/model-versions/by-hash/garbage", long),
        ("/api/v1/models/1", short),
        (version.as_str(), short),
        ("/api/v1/enums", ""),
    ] {
        let response = bench.get(path).await?;
        assert_eq!(header(&response, "cache-control"), cache, "{path}");
    }
    assert_eq!(header(&bench.get_authed(&version).await?, "cache-control"), "");
    let wrong_verb = bench.post(&version, &json!(1)).await?;
    assert_eq!(wrong_verb.status(), 405);
    assert_eq!(wrong_verb.json::<Value>().await?["error"], "Method not allowed");
    let hash = bench.sha256(known::LATEST);
    let post = bench.post(&format!("/api/v1/model-versions/by-hash/{hash}"), &json!(1)).await?;
    assert_eq!(post.status(), 200, "public endpoints do not check the method");
    let options = bench.client.request(reqwest::Method::OPTIONS, bench.url(&version)).send().await?;
    assert_eq!(options.status(), 200);
    assert_eq!(header(&options, "access-control-allow-origin"), "*");
    Ok(())
}

#[tokio::test]
async fn a_wrong_token_is_anonymous_or_unauthorized() -> Outcome {
    let bench = Bench::new().await?;
    let me = bench.get("/api/v1/me").await?;
    assert_eq!((me.status().as_u16(), me.text().await?), (401, r#"{"error":"Unauthorized"}"#.to_owned()));
    let wrong = bench.client.get(bench.url("/api/v1/me")).bearer_auth("nope").send().await?;
    assert_eq!(wrong.status(), 401);
    let me: Value = bench.get_authed("/api/v1/me").await?.json().await?;
    assert_eq!((&me["tier"], &me["subject"]["type"]), (&json!("founder"), &json!("apiKey")));
    assert_eq!(bench.get("/api/v1/me?token=demo-token").await?.status(), 200);
    let public = bench.client.get(bench.url("/api/v1/models?limit=1")).bearer_auth("nope").send().await?;
    assert_eq!(public.status(), 200);
    assert!(header(&public, "cache-control").starts_with("public"));
    Ok(())
}

#[tokio::test]
async fn a_new_version_can_be_published_while_the_server_runs() -> Outcome {
    let bench = Bench::new().await?;
    let old = bench.version(known::LATEST);
    let model = bench.json(&format!("/api/v1/model-versions/{old}")).await?["modelId"].as_u64().expect("a number");
    let new = bench.simulator.edit(|builder| {
        let version = builder.version(model, civitai_simulator::VersionSpec::new("v3.0", "SDXL 1.0"));
        builder.file(version, civitai_simulator::FileSpec::new("inkwash_v30.safetensors", vec![1_u8; 64]));
        version
    });
    let model = bench.json(&format!("/api/v1/models/{model}")).await?;
    assert_eq!(model["modelVersions"][0]["id"], new);
    assert_eq!(model["modelVersions"][1]["id"], old);
    Ok(())
}
