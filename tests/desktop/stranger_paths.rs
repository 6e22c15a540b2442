//! The preview scheme reads exactly one form of path.

use modeldock_core::units::FileId;
use modeldock_desktop::preview::PreviewPath;

#[test]
fn a_cover_and_a_number_are_read() {
    let of = |file, which: &str| Some(PreviewPath::File { file: FileId(file), which: which.to_owned() });
    assert_eq!(PreviewPath::parse("/12/cover"), of(12, "cover"));
    assert_eq!(PreviewPath::parse("/9007199254740991/3"), of(9_007_199_254_740_991, "3"));
    assert!(PreviewPath::parse("/1/0").is_some());
}

#[test]
fn a_picture_of_the_catalogue_is_read_by_its_key_alone() {
    let key = "0a".repeat(32);
    let path = PreviewPath::parse(&format!("/catalogue/{key}/thumb"));
    assert_eq!(path, Some(PreviewPath::Catalogue { key: key.clone(), which: "thumb".to_owned() }));
    assert!(PreviewPath::parse(&format!("/catalogue/{key}/whole")).is_some());
    for path in [
        format!("/catalogue/{key}/cover"),
        format!("/catalogue/{key}/thumb/"),
        format!("/catalogue/{key}/"),
        format!("/catalogue/{key}"),
        format!("/catalogue/{}/thumb", key.to_uppercase()),
        format!("/catalogue/{}/thumb", &key[..62]),
        "/catalogue/../12/thumb".to_owned(),
        "/catalogue/https://example.com/thumb".to_owned(),
        "/catalogue//thumb".to_owned(),
    ] {
        assert_eq!(PreviewPath::parse(&path), None, "{path:?}");
    }
}

#[test]
fn anything_else_is_not_a_preview() {
    for path in [
        "",
        "/",
        "/1",
        "/1/",
        "/1/cover/",
        "//1/cover",
        "/1//cover",
        "1/cover",
        "/cover/1",
        "/1/Cover",
        "/1/cover?x",
        "/-1/cover",
        "/+1/cover",
        "/01/cover",
        "/1/01",
        "/1/-1",
        "/1/+1",
        "/1/65536",
        "/9223372036854775808/cover",
        "/1%2Fcover",
        "/1/%63over",
        "/1/..",
        "/../1/cover",
        "/1/../../etc/passwd",
        "/1/cover\0",
        "/1/cover ",
        "/१/cover",
        "/1\\cover",
    ] {
        assert_eq!(PreviewPath::parse(path), None, "{path:?}");
    }
}
