//! The preview scheme reads exactly one form of path.

use modeldock_core::units::FileId;
use modeldock_desktop::preview::PreviewPath;

#[test]
fn a_cover_and_a_number_are_read() {
    let path = PreviewPath::parse("/12/cover").unwrap();
    assert_eq!((path.file, path.which.as_str()), (FileId(12), "cover"));
    let path = PreviewPath::parse("/9007199254740991/3").unwrap();
    assert_eq!((path.file, path.which.as_str()), (FileId(9_007_199_254_740_991), "3"));
    assert!(PreviewPath::parse("/1/0").is_some());
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
