//! `models`, `models/{id}` and `enums`, against a real listener.

mod support;

use civitai_simulator::catalogue::known;
use serde_json::{Value, json};
use support::{Bench, Outcome};

fn ids(page: &Value) -> Vec<u64> {
    page["items"].as_array().expect("items").iter().filter_map(|item| item["id"].as_u64()).collect()
}

#[tokio::test]
async fn cursors_walk_every_model_once() -> Outcome {
    let bench = Bench::new().await?;
    let all = ids(&bench.json("/api/v1/models?nsfw=true").await?);
    assert!(all.len() >= 36, "{}", all.len());
    let mut walked = Vec::new();
    let mut url = bench.url("/api/v1/models?nsfw=true&limit=7");
    loop {
        let page: Value = bench.client.get(&url).send().await?.json().await?;
        walked.extend(ids(&page));
        assert_eq!(page["metadata"].get("totalItems"), None);
        match page["metadata"]["nextPage"].as_str() {
            Some(next) => next.clone_into(&mut url),
            None => break,
        }
    }
    assert_eq!(walked, all);
    let found = bench.json("/api/v1/models?query=style&limit=2").await?;
    assert_eq!(found["metadata"]["nextCursor"], "2");
    let numbered = bench.json("/api/v1/models?page=2&limit=5").await?;
    assert_eq!(numbered["metadata"]["currentPage"], 2);
    Ok(())
}

#[tokio::test]
async fn bad_list_queries_are_refused_as_documented() -> Outcome {
    let bench = Bench::new().await?;
    for (query, status) in [
        ("limit=101", 400),
        ("types=LORA,Checkpoint", 400),
        ("query=a&page=1", 400),
        ("page=11&limit=100", 429),
        ("cursor=5", 400),
        ("sort=most_downloaded", 400),
        ("period=Fortnight", 400),
        ("sort=Most+Downloaded&period=Month", 200),
        ("favorites=false", 401),
        ("types=LORA&types=Checkpoint", 200),
    ] {
        assert_eq!(bench.get(&format!("/api/v1/models?{query}")).await?.status(), status, "{query}");
    }
    let zod = bench.json("/api/v1/models?limit=101").await?;
    assert_eq!(zod["error"]["name"], "ZodError", "an object here, text elsewhere");
    assert!(bench.json("/api/v1/models?cursor=5").await?["message"].as_str().is_some());
    Ok(())
}

#[tokio::test]
async fn mature_and_personal_models_are_hidden_from_lists() -> Outcome {
    let bench = Bench::new().await?;
    let catalogue = bench.simulator.catalogue();
    let model = |name: &str| {
        let file = catalogue.file_named(name).expect("in the catalogue");
        catalogue.version(file.version_id).expect("in the catalogue").model_id
    };
    let unrated = model(known::UNRATED);
    let person = model(known::REAL_PERSON);
    let query = format!("/api/v1/models?ids={unrated},{person}");
    assert_eq!(ids(&bench.json(&query).await?), Vec::<u64>::new());
    assert_eq!(ids(&bench.json(&format!("{query}&nsfw=true")).await?), [unrated]);
    let level = |page: &Value| page["items"][0]["modelVersions"][0]["images"].as_array().map(Vec::len);
    let noir = model("velvetNoir_v09.safetensors");
    let tame = bench.json(&format!("/api/v1/models?ids={noir}")).await?;
    let all = bench.json(&format!("/api/v1/models?ids={noir}&nsfw=true")).await?;
    assert!(level(&tame) < level(&all), "only PG images without nsfw=true");
    Ok(())
}

#[tokio::test]
async fn list_and_single_model_differ_as_documented() -> Outcome {
    let bench = Bench::new().await?;
    let version = bench.version(known::HIDDEN_STATS);
    let list = bench.json(&format!("/api/v1/models?modelVersionIds={version}")).await?;
    let item = &list["items"][0];
    assert_eq!(item["allowCommercialUse"], "{Image,RentCivit}");
    assert_eq!(item["stats"]["downloadCount"], Value::Null);
    let in_list = &item["modelVersions"][0];
    assert!(in_list["images"][0]["id"].is_u64());
    assert!(in_list.get("modelId").is_none() && in_list.get("air").is_none());
    assert_eq!(in_list["files"][0]["primary"], true);
    let single = bench.json(&format!("/api/v1/models/{}", item["id"])).await?;
    let alone = &single["modelVersions"][0];
    assert!(alone["images"][0].get("id").is_none());
    assert!(alone.get("paidAccess").is_none(), "nulls are dropped");
    assert_eq!((&alone["covered"], alone.get("supportsGeneration")), (&json!(true), None));
    assert!(alone["files"][0]["downloadUrl"].as_str().is_some_and(|url| url.starts_with(bench.simulator.base_url())));
    Ok(())
}

#[tokio::test]
async fn versions_are_listed_newest_first_and_archived_models_have_their_page() -> Outcome {
    let bench = Bench::new().await?;
    let newest = bench.version(known::LATEST);
    let model = bench.json(&format!("/api/v1/model-versions/{newest}")).await?["modelId"].clone();
    let model = bench.json(&format!("/api/v1/models/{model}")).await?;
    assert_eq!(model["modelVersions"][0]["id"], newest);
    assert_eq!(model["modelVersions"][2]["id"], bench.version(known::OUTDATED));
    let hash = bench.sha256(known::ARCHIVED);
    let archived = bench.json(&format!("/api/v1/model-versions/by-hash/{hash}")).await?["modelId"].clone();
    assert_eq!(bench.json(&format!("/api/v1/models/{archived}")).await?["mode"], "Archived");
    let enums = bench.json("/api/v1/enums").await?;
    assert_eq!(enums.as_object().map(serde_json::Map::len), Some(5));
    Ok(())
}
