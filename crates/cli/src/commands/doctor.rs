//! `modeldock doctor`: checks what Modeldock needs, and says what to do about what is not in order.

use modeldock_core::roots::RootInfo;
use modeldock_core::{Error, Paths, Result};
use serde::Serialize;
use serde_json::json;

use crate::context::{Context, call};
use crate::exit::Exit;
use crate::output::{Results, printable};
use crate::serve;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Ok,
    Warning,
    Failed,
}

/// One thing that was checked.
#[derive(Serialize)]
struct Check {
    #[serde(rename = "check")]
    name: &'static str,
    verdict: Verdict,
    message: String,
    hint: Option<String>,
}

impl Check {
    fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Ok, message: message.into(), hint: None }
    }

    fn bad(name: &'static str, verdict: Verdict, error: Error) -> Self {
        Self { name, verdict, message: error.message, hint: error.hint }
    }
}

pub(crate) async fn run(context: &Context) -> Result<Exit> {
    let mut checks = Vec::new();
    match Paths::resolve(context.data_dir()) {
        Ok(paths) => checks.push(Check::ok("data folder", paths.data_dir().display().to_string())),
        Err(error) => checks.push(Check::bad("data folder", Verdict::Failed, error)),
    }
    match context.open() {
        Err(error) => checks.push(Check::bad("database", Verdict::Failed, error)),
        Ok(app) => {
            let role = match app.role() {
                modeldock_core::Role::Owner => "in order",
                modeldock_core::Role::Guest => "in order; another Modeldock is running with it",
            };
            checks.push(Check::ok("database", role));
            let roots: Vec<RootInfo> = call(&app, "roots_list", json!({})).await?;
            if roots.is_empty() {
                let none = Error::not_found("There are no model folders yet")
                    .hint("`modeldock roots detect` finds installations");
                checks.push(Check::bad("model folder", Verdict::Warning, none));
            }
            for root in roots {
                checks.push(if root.online {
                    Check::ok("model folder", format!("{} ({}, {} files)", root.path, root.layout, root.files))
                } else {
                    let away = Error::not_found(format!("{} cannot be reached", root.path));
                    Check::bad(
                        "model folder",
                        Verdict::Warning,
                        away.hint("Its drive may be unplugged; nothing is forgotten"),
                    )
                });
            }
        }
    }
    checks.push(match context.client() {
        Err(error) => Check::bad("Civitai", Verdict::Failed, error),
        Ok(client) => match client.enums().await {
            Ok(_) => Check::ok("Civitai", modeldock_core::catalog::Catalog::base_url(&client)),
            Err(error) => Check::bad("Civitai", Verdict::Warning, error.into()),
        },
    });
    checks.push(if serve::has_page() {
        Check::ok("web page", "built in")
    } else {
        let missing = Error::not_found("This build has no web page").hint("Build it with `make build`");
        Check::bad("web page", Verdict::Warning, missing)
    });

    let mut results = Results::new();
    for check in &checks {
        if context.json() {
            results.json(check)?;
            continue;
        }
        let mark = match check.verdict {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Failed => "failed",
        };
        results.line(format!("{mark:<8} {}: {}", check.name, printable(&check.message)))?;
        if let Some(hint) = &check.hint {
            results.line(format!("{:8} {}", "", printable(hint)))?;
        }
    }
    results.flush()?;
    let worst = |verdict| checks.iter().any(|check| check.verdict == verdict);
    Ok(if worst(Verdict::Failed) {
        Exit::Failed
    } else if worst(Verdict::Warning) {
        Exit::InPart
    } else {
        Exit::Done
    })
}
