//! The vault, against real listeners.

mod support;

use civitai_simulator::catalogue::known;
use civitai_simulator::{Action, Catalogue, Config, Fault, Vault, VaultStatus};
use reqwest::Response;
use serde_json::{Value, json};
use support::{Bench, Outcome, header};

async fn toggle(bench: &Bench, version: u64) -> reqwest::Result<Response> {
    let url = bench.url(&format!("/api/v1/vault/toggle-version?modelVersionId={version}"));
    bench.client.post(url).bearer_auth(bench.simulator.token()).send().await
}

async fn authed(bench: &Bench, path: &str) -> reqwest::Result<(u16, Value)> {
    let response = bench.get_authed(path).await?;
    Ok((response.status().as_u16(), response.json().await?))
}

async fn without_membership(vault: Vault) -> Result<Bench, Box<dyn std::error::Error>> {
    Bench::with(Config { tier: None, vault: Some(vault), ..Config::default() }, Catalogue::standard()).await
}

#[tokio::test]
async fn a_vault_is_shown_to_its_owner_alone() -> Outcome {
    let bench = Bench::new().await?;
    for path in ["vault/get", "vault/all", "vault/check-vault"] {
        let response = bench.get(&format!("/api/v1/{path}")).await?;
        assert_eq!(response.status(), 401, "{path}");
        assert_eq!(response.json::<Value>().await?, json!({ "error": "Unauthorized" }));
    }
    let (_, answer) = authed(&bench, "/api/v1/vault/get").await?;
    let vault = &answer["vault"];
    let used = vault["usedStorageKb"].as_f64().unwrap_or_default();
    let storage = vault["storageKb"].as_f64().unwrap_or_default();
    assert!(vault["userId"].is_u64() && used > 0.0 && used < storage, "{vault}");
    let (status, wrong) = authed(&bench, "/api/v1/vault/toggle-version?modelVersionId=1").await?;
    assert_eq!((status, wrong), (405, json!({ "error": "Method not allowed" })));
    Ok(())
}

#[tokio::test]
async fn the_demo_vault_has_one_of_everything() -> Outcome {
    let bench = Bench::new().await?;
    let (_, answer) = authed(&bench, "/api/v1/vault/all?limit=200").await?;
    let items = answer["items"].as_array().cloned().unwrap_or_default();
    assert_eq!((answer["totalItems"].as_u64(), items.len()), (Some(12), 12));
    let count = |field: &str, value: &str| items.iter().filter(|item| item[field] == value).count();
    assert_eq!((count("status", "Pending"), count("status", "Failed"), count("status", "Stored")), (1, 1, 10));
    let failed = items.iter().find(|item| item["status"] == "Failed").expect("one failed");
    assert_eq!(failed["meta"], json!({ "failures": 3, "latestError": "Failed to fetch images" }));
    let of = |name: &str| {
        let version = bench.version(name);
        items.iter().find(|item| item["modelVersionId"] == version).expect("in the vault").clone()
    };
    let several = of("harborlight_v2.safetensors");
    assert_eq!(several["files"].as_array().map(Vec::len), Some(2));
    let vault_id = several["vaultId"].as_u64();
    assert!(items.iter().all(|item| item["vaultId"].as_u64() == vault_id && item["id"].as_u64() != vault_id));
    // Where a file lies is told, and is of no use.
    let url = several["files"][0]["url"].as_str().unwrap_or_default();
    assert_eq!(bench.client.get(url).send().await?.status(), 403);
    let cover = several["coverImageUrl"].as_str().unwrap_or_default();
    let cover = bench.client.get(cover).send().await?.bytes().await?;
    assert_eq!(cover[..3], [0xff, 0xd8, 0xff]);
    // The newest comes first, and deleted ones stay.
    assert_eq!(items[0]["modelVersionId"], bench.version("porcelainPortrait_v2.safetensors"));
    assert_eq!(of(known::UNPUBLISHED)["modelName"], "Withdrawn Sketch");
    Ok(())
}

#[tokio::test]
async fn only_pages_and_repeated_filters_work() -> Outcome {
    let bench = Bench::new().await?;
    let (_, page) = authed(&bench, "/api/v1/vault/all?limit=5&page=3").await?;
    let shape = ["totalItems", "currentPage", "pageSize", "totalPages"].map(|field| page[field].as_u64());
    assert_eq!(shape, [Some(12), Some(3), Some(5), Some(3)]);
    assert_eq!(page["items"].as_array().map(Vec::len), Some(2));
    let (_, beyond) = authed(&bench, "/api/v1/vault/all?limit=5&page=4").await?;
    assert_eq!(beyond["items"], json!([]));
    for query in
        ["types=LORA", "types=LORA,Checkpoint", "baseModels=Pony", "dateAddedFrom=2025-01-01", "limit=201", "page=0"]
    {
        let (status, error) = authed(&bench, &format!("/api/v1/vault/all?{query}")).await?;
        assert_eq!((status, error["message"].as_str()), (500, Some("An unexpected error occurred")), "{query}");
    }
    let (_, repeated) = authed(&bench, "/api/v1/vault/all?types=LORA&types=Checkpoint").await?;
    let kinds: Vec<&str> =
        repeated["items"].as_array().into_iter().flatten().filter_map(|item| item["type"].as_str()).collect();
    assert!(kinds.len() > 5 && kinds.iter().all(|kind| ["LORA", "Checkpoint"].contains(kind)), "{kinds:?}");
    Ok(())
}

#[tokio::test]
async fn check_vault_answers_in_the_order_of_the_question() -> Outcome {
    let bench = Bench::new().await?;
    let (inside, outside) = (bench.version(known::OUTDATED), bench.version("inkwash_v21.safetensors"));
    let path = format!("/api/v1/vault/check-vault?modelVersionIds={outside},{inside}");
    let (_, rows) = authed(&bench, &path).await?;
    assert_eq!(rows[0], json!({ "modelVersionId": outside, "vaultItem": null }));
    assert_eq!(rows[1]["vaultItem"]["modelVersionId"], inside);
    assert!(rows[1]["vaultItem"].get("coverImageUrl").is_none());
    assert_eq!(authed(&bench, "/api/v1/vault/check-vault").await?, (200, json!([])));
    let wrong = authed(&bench, "/api/v1/vault/check-vault?modelVersionIds=1,x").await?;
    assert_eq!(wrong, (400, json!({ "error": "Could not parse provided model versions array." })));
    Ok(())
}

#[tokio::test]
async fn toggling_goes_in_and_out_and_names_the_item() -> Outcome {
    let bench = Bench::new().await?;
    let version = bench.version("inkwash_v21.safetensors");
    let added: Value = toggle(&bench, version).await?.json().await?;
    let item = bench.simulator.vault().holding(version).cloned().expect("it was put in");
    assert_eq!(added, json!({ "success": true, "vaultId": item.id }));
    assert_eq!(item.status, VaultStatus::Pending);
    let removed: Value = toggle(&bench, version).await?.json().await?;
    assert_eq!(removed, json!({ "success": true }));
    assert!(bench.simulator.vault().holding(version).is_none());

    let url = bench.url("/api/v1/vault/toggle-version");
    let in_body =
        bench.client.post(url).bearer_auth("demo-token").json(&json!({ "modelVersionId": version })).send().await?;
    assert_eq!(in_body.status(), 400);
    assert_eq!(in_body.json::<Value>().await?, json!({ "error": "Could not parse provided model version" }));
    Ok(())
}

#[tokio::test]
async fn a_refused_toggle_has_lost_its_message() -> Outcome {
    let bench = Bench::new().await?;
    bench.simulator.edit_vault(|vault| vault.take(bench.version(known::DOWNLOADS_DISABLED)));
    for (name, code) in [
        (known::DOWNLOADS_DISABLED, "BAD_REQUEST"),
        (known::EARLY_ACCESS, "UNAUTHORIZED"),
        // It is in the vault, and there it stays.
        (known::UNPUBLISHED, "UNAUTHORIZED"),
    ] {
        let response = toggle(&bench, bench.version(name)).await?;
        assert_eq!(response.status(), 500, "{name}");
        let expected =
            json!({ "message": "An unexpected error occurred", "error": { "code": code, "name": "TRPCError" } });
        assert_eq!(response.json::<Value>().await?, expected, "{name}");
    }
    assert!(bench.simulator.vault().holding(bench.version(known::UNPUBLISHED)).is_some());
    bench.simulator.edit_vault(|vault| vault.storage_kb = 1);
    assert_eq!(toggle(&bench, bench.version("inkwash_v21.safetensors")).await?.status(), 500);
    Ok(())
}

#[tokio::test]
async fn people_without_a_membership_have_no_vault_and_lapsed_ones_keep_theirs() -> Outcome {
    let bench = without_membership(Vault::new(0)).await?;
    assert_eq!(authed(&bench, "/api/v1/vault/get").await?, (200, json!({ "vault": null })));
    let (status, page) = authed(&bench, "/api/v1/vault/all").await?;
    assert_eq!((status, &page["items"], page["totalItems"].as_u64()), (200, &json!([]), Some(0)));
    assert_eq!(toggle(&bench, bench.version(known::LATEST)).await?.status(), 500);
    assert_eq!(authed(&bench, "/api/download/vault/1").await?, (404, json!({ "error": "Vault not found" })));

    let lapsed = Vault { storage_kb: 0, ..Vault::demo(&Catalogue::standard()) };
    let bench = without_membership(lapsed).await?;
    let (_, answer) = authed(&bench, "/api/v1/vault/get").await?;
    assert_eq!(answer["vault"]["storageKb"], 0);
    let (_, page) = authed(&bench, "/api/v1/vault/all").await?;
    assert_eq!(page["totalItems"], 12);
    assert_eq!(toggle(&bench, bench.version("inkwash_v21.safetensors")).await?.status(), 500);
    assert!(toggle(&bench, bench.version(known::LATEST)).await?.status().is_success());
    Ok(())
}

#[tokio::test]
async fn a_lost_reply_leaves_the_work_done() -> Outcome {
    let bench = Bench::new().await?;
    let version = bench.version("inkwash_v21.safetensors");
    bench.simulator.faults().push(Fault::new(Action::LoseReply).on_endpoint("vault/toggle-version").times(1));
    assert!(toggle(&bench, version).await.is_err());
    assert!(bench.simulator.vault().holding(version).is_some());
    bench.simulator.faults().push(Fault::new(Action::Drop).on_endpoint("vault/toggle-version").times(1));
    assert!(toggle(&bench, version).await.is_err());
    assert!(bench.simulator.vault().holding(version).is_some());
    Ok(())
}

#[tokio::test]
async fn what_is_in_the_vault_can_be_downloaded_even_when_it_is_gone_from_the_site() -> Outcome {
    let bench = Bench::new().await?;
    let item = |name: &str| bench.simulator.vault().holding(bench.version(name)).expect("in the vault").id;
    let fetch = async |path: String| -> Result<(String, bytes::Bytes), Box<dyn std::error::Error>> {
        let response = bench.get_authed(&path).await?;
        assert_eq!(response.status(), 307, "{path}");
        let url = header(&response, "location").to_owned();
        assert!(url.starts_with(bench.simulator.storage_url()));
        let object = bench.client.get(&url).send().await?;
        assert_eq!(object.status(), 200, "{path}");
        Ok((header(&object, "content-disposition").to_owned(), object.bytes().await?))
    };
    let deleted = item(known::UNPUBLISHED);
    let catalogue = bench.simulator.catalogue();
    let (_, bytes) = fetch(format!("/api/download/vault/{deleted}?type=model")).await?;
    assert_eq!(bytes, catalogue.file_named(known::UNPUBLISHED).expect("in the catalogue").spec.bytes);
    let several = item("harborlight_v2.safetensors");
    let config = catalogue.file_named("harborlight_v2.yaml").expect("in the catalogue");
    let (_, bytes) = fetch(format!("/api/download/vault/{several}?type=model&fileId={}", config.id)).await?;
    assert_eq!(bytes, config.spec.bytes);

    let (name, bytes) = fetch(format!("/api/download/vault/{deleted}?type=images")).await?;
    assert_eq!(name, "attachment; filename=\"withdrawn-sketch-v1-0-images.zip\"");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes))?;
    assert!(zip.len() >= 2);
    std::io::copy(&mut zip.by_index(0)?, &mut std::io::sink())?;
    let (name, bytes) = fetch(format!("/api/download/vault/{deleted}?type=details")).await?;
    assert_eq!(name, "attachment; filename=\"withdrawn-sketch-v1-0-details.pdf\"");
    assert!(bytes.starts_with(b"%PDF-1.4") && bytes.ends_with(b"%%EOF\n"));
    Ok(())
}

#[tokio::test]
async fn vault_downloads_are_refused_in_the_documented_words() -> Outcome {
    let bench = Bench::new().await?;
    let item = |name: &str| bench.simulator.vault().holding(bench.version(name)).expect("in the vault").id;
    let gated = bench.version(known::EARLY_ACCESS);
    bench.simulator.edit_vault(|vault| vault.put(gated).id);
    let latest = item(known::LATEST);
    assert_eq!(bench.get(&format!("/api/download/vault/{latest}")).await?.status(), 401);
    for (path, status, words) in [
        (format!("{}", item(known::DOWNLOADS_DISABLED)), 503, "This model does not allow downloads."),
        (format!("{}", item(known::EARLY_ACCESS)), 503, "You do not have permission to download this model."),
        ("1".to_owned(), 404, "Vault item not found"),
        (format!("{latest}?fileId=1"), 404, "File not found"),
    ] {
        let (got, answer) = authed(&bench, &format!("/api/download/vault/{path}")).await?;
        assert_eq!((got, answer["error"].as_str()), (status, Some(words)), "{path}");
    }
    for path in ["x".to_owned(), format!("{latest}?type=everything"), format!("{latest}?fileId=x")] {
        assert_eq!(authed(&bench, &format!("/api/download/vault/{path}")).await?.0, 400, "{path}");
    }
    // Above the limit it still works, for a month.
    bench.simulator.edit_vault(|vault| vault.storage_kb = 1);
    assert_eq!(bench.get_authed(&format!("/api/download/vault/{latest}")).await?.status(), 307);
    bench.simulator.edit_vault(|vault| "2025-01-01T00:00:00.000Z".clone_into(&mut vault.updated_at));
    let (status, answer) = authed(&bench, &format!("/api/download/vault/{latest}")).await?;
    assert_eq!(
        (status, answer["error"].as_str()),
        (403, Some("You cannot download items from your vault at this time."))
    );
    Ok(())
}

#[tokio::test]
async fn a_vault_of_a_thousand_items_has_five_pages() -> Outcome {
    let catalogue = Catalogue::bulk(1000, 3);
    let vault = Vault::of(&catalogue);
    let bench = Bench::with(Config { vault: Some(vault), ..Config::default() }, catalogue).await?;
    let mut seen = std::collections::HashSet::new();
    for page in 1..=5 {
        let (_, answer) = authed(&bench, &format!("/api/v1/vault/all?limit=200&page={page}")).await?;
        assert_eq!(answer["totalPages"], 5);
        seen.extend(answer["items"].as_array().into_iter().flatten().filter_map(|item| item["id"].as_u64()));
    }
    assert_eq!(seen.len(), 1000);
    Ok(())
}
