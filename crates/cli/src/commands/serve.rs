//! `modeldock serve`: the library in a browser, for machines without a screen.

use modeldock_core::{Code, Error, Result};
use serde_json::json;

use crate::args;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{self, Results};
use crate::serve::Server;

pub(crate) async fn run(context: &Context, options: args::Serve) -> Result<Exit> {
    if !options.listen.ip().is_loopback() {
        let message =
            format!("`{}` can be reached from other computers, and the connection is not encrypted", options.listen);
        return Err(Error::new(Code::InvalidRequest, message)
            .hint("Listen on 127.0.0.1 and forward the port: ssh -L 4310:127.0.0.1:4310 that-computer"));
    }
    let app = context.open()?;
    let server = Server::bind(options.listen, app.clone()).await?;
    let mut results = Results::new();
    if context.json() {
        results.json(&json!({ "event": "listening", "url": server.url() }))?;
    } else {
        results.line(format!("Modeldock is at {}", server.url()))?;
        output::note("The link lets whoever has it in; it is new at every start. Ctrl-C stops.");
        if !crate::serve::has_page() {
            output::note("This build has no web page, only the commands. Build it with `make build`.");
        }
    }
    results.flush()?;
    drop(results);
    app.start_workers();
    server.run(super::scan::interrupted()).await?;
    app.shutdown().await;
    Ok(Exit::Done)
}
