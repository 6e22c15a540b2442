//! `modeldock serve`: the library in a browser, for machines without a screen.

use modeldock_core::{Code, Error, Result};
use serde_json::json;

use crate::args;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{self, Results};
use crate::serve::{Access, Server, Tls};

pub(crate) async fn run(context: &Context, options: args::Serve) -> Result<Exit> {
    let tls = match (options.tls_cert, options.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
        _ => None,
    };
    let is_open = !options.listen.ip().is_loopback();
    if is_open && tls.is_none() && !options.without_tls {
        let message =
            format!("`{}` can be reached from other computers, and the connection is not encrypted", options.listen);
        return Err(Error::new(Code::InvalidRequest, message).hint(
            "Listen on 127.0.0.1 and forward the port (ssh -L 4310:127.0.0.1:4310 that-computer), or give a certificate \
             with --tls-cert and --tls-key",
        ));
    }
    if options.listen.ip().is_unspecified() && options.host.is_empty() {
        return Err(Error::new(Code::InvalidRequest, format!("`{}` is no address to open", options.listen))
            .hint("Say by which name or address this computer is reached: --host gpu-machine.lan"));
    }
    if is_open && tls.is_none() {
        let message = "The connection is not encrypted: whoever is on the way can read the link and use it";
        output::warning(&Error::new(Code::InvalidRequest, message).hint("--tls-cert and --tls-key encrypt it"));
    }
    let app = context.open()?;
    let access = Access { hosts: options.host, read_only: options.read_only, tls };
    let server = Server::bind(options.listen, access, app.clone()).await?;
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
