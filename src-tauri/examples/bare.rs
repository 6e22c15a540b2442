//! A window with nothing in it, as small as a Tauri app can be: what `make bench` measures the app's memory against.
//!
//! It takes the app's own configuration, so that both are made of the same parts, but none of its commands, plugins or
//! pages. No page of ours is loaded: that is the app's to answer for.

use tauri::{Builder, WebviewUrl, WebviewWindowBuilder};
use url::Url;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let nothing = Url::parse("about:blank")?;
    let app = Builder::default()
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
