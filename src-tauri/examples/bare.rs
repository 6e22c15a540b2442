//! A window with nothing in it, as small as a Tauri app can be: what `make bench` measures the app's memory against.
//!
//! It takes the app's own configuration, so that both are made of the same parts, but none of its commands, plugins or
//! pages. Its page has one line of text: `WebKit` starts no process for a page that is not there (`about:blank`), and what
//! that process takes for any page at all is not the app's.

use tauri::http::Response;
use tauri::{Builder, WebviewUrl, WebviewWindowBuilder};
use url::Url;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let nothing = Url::parse("bare://localhost/")?;
    let app = Builder::default()
        .register_uri_scheme_protocol("bare", |_, _| {
            let page: &[u8] = b"<!doctype html><title>Nothing</title><p>Nothing";
            let mut response = Response::new(page);
            let html = tauri::http::HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(tauri::http::header::CONTENT_TYPE, html);
            response
        })
        .setup(move |app| {
            WebviewWindowBuilder::new(app, "bare", WebviewUrl::External(nothing))
                .title("Nothing")
                .inner_size(1280.0, 800.0)
                .build()?;
            Ok(())
        })
        .build(modeldock_desktop::context())?;
    app.run(|_, _| ());
    Ok(())
}
