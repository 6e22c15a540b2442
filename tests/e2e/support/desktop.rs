//! Starts the app under `WebKitWebDriver` and finds things on the page as assistive technology does: by role and name.

use std::env;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::elements::{Element, ElementRef};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(20);

/// Finds the visible elements of a role (several with `|`) whose accessible name matches. Kept to what the page uses.
const FIND: &str = r#"
    const [roles, pattern] = arguments;
    const implicit = {
        button: "button, summary", searchbox: "input[type=search]", checkbox: "input[type=checkbox]", row: "tr",
        heading: "h1, h2, h3", option: "option", complementary: "aside", region: "section", dialog: "dialog",
        gridcell: "td", link: "a[href]", status: "output", radio: "input[type=radio]",
    };
    const text = (node) => (node?.textContent ?? "").replace(/\s+/g, " ").trim();
    const name = (element) => {
        const by = element.getAttribute("aria-labelledby");
        if (by) return by.split(/\s+/).map((id) => text(document.getElementById(id))).join(" ");
        if (element.getAttribute("aria-label")) return element.getAttribute("aria-label");
        if (element.labels?.length) return [...element.labels].map(text).join(" ");
        return text(element) || element.getAttribute("title") || element.getAttribute("placeholder") || "";
    };
    const selector = roles.split("|").map((role) => `[role=${role}]` + (implicit[role] ? `, ${implicit[role]}` : "")).join(", ");
    return [...document.querySelectorAll(selector)].find(
        (element) => element.getClientRects().length > 0 && new RegExp(pattern, "i").test(name(element)),
    ) ?? null;
"#;

/// The running app.
pub(crate) struct Desktop {
    client: Client,
    out: PathBuf,
    _driver: Driver,
}

/// `WebKitWebDriver` with the app it has started, both ended with the test: an app that is left over would answer for the
/// next one, as there is only one instance.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        // Both fail only if all have ended already. The group is the driver's own, see `process_group` below.
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.0.id())]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

pub(crate) fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run tests/e2e/window.sh"))
}

/// Starts the app once more with a link, as a browser would: it hands the link over and ends.
pub(crate) async fn start_again(link: &str) {
    let mut second = Command::new(env!("CARGO_BIN_EXE_modeldock-desktop"))
        .args([
            "--data-dir",
            &variable("MODELDOCK_E2E_DATA"),
            "--civitai-url",
            &variable("MODELDOCK_CIVITAI_URL"),
            link,
        ])
        .env("HOME", variable("MODELDOCK_E2E_HOME"))
        .spawn()
        .unwrap();
    let started = Instant::now();
    loop {
        match second.try_wait().unwrap() {
            Some(status) => return assert!(status.success(), "the second start ended with {status}"),
            None if started.elapsed() > PATIENCE => {
                let _ = second.kill();
                panic!("the second start did not end within {PATIENCE:?}");
            }
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

impl Desktop {
    pub(crate) async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Command::new("WebKitWebDriver")
            .args(["--host=127.0.0.1", &format!("--port={port}")])
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("HOME", variable("MODELDOCK_E2E_HOME"))
            .env_remove("XDG_DATA_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .map(Driver)
            .expect("WebKitWebDriver starts");
        let capabilities = json!({
            "webkitgtk:browserOptions": {
                "binary": env!("CARGO_BIN_EXE_modeldock-desktop"),
                "args": ["--data-dir", variable("MODELDOCK_E2E_DATA"), "--civitai-url", variable("MODELDOCK_CIVITAI_URL")],
            }
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("an object") };
        let started = Instant::now();
        let client = loop {
            assert!(started.elapsed() < PATIENCE, "no session after {PATIENCE:?}");
            let mut builder = ClientBuilder::new(HttpConnector::new());
            let address = format!("http://127.0.0.1:{port}");
            let session = builder.capabilities(capabilities.clone()).connect(&address);
            match tokio::time::timeout(PATIENCE, session).await {
                Ok(Ok(client)) => break client,
                // The driver needs a moment to listen.
                Ok(Err(_)) => tokio::time::sleep(Duration::from_millis(100)).await,
                Err(elapsed) => panic!("the app does not answer the driver, did another instance? {elapsed}"),
            }
        };
        let desktop = Self { client, out: variable("MODELDOCK_E2E_OUT").into(), _driver: driver };
        desktop
            .script(
                "window.violations = [];
                 document.addEventListener('securitypolicyviolation', (event) =>
                     window.violations.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile))",
            )
            .await;
        desktop
    }

    pub(crate) async fn end(self) {
        self.client.close().await.unwrap();
    }

    pub(crate) async fn script(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits for a promise: `{ok: true, value}` or `{ok: false, value}`.
    pub(crate) async fn settle(&self, promise: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             {promise}.then((value) => done({{ ok: true, value: String(value) }}),
                 (error) => done({{ ok: false, value: error?.code ?? String(error) }}))"
        );
        self.client.execute_async(&script, vec![]).await.unwrap_or_else(|error| panic!("{promise}: {error}"))
    }

    pub(crate) async fn wait(&self, what: &str, condition: impl AsyncFn() -> bool) {
        self.wait_within(what, PATIENCE, condition).await;
    }

    async fn wait_within(&self, what: &str, patience: Duration, condition: impl AsyncFn() -> bool) {
        let started = Instant::now();
        while !condition().await {
            if started.elapsed() > patience {
                self.picture("failure").await;
                let page = self.script("return document.body.innerText").await;
                panic!("waited {patience:?} for {what}; the page says:\n{}", page.as_str().unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the page shows a text.
    pub(crate) async fn see(&self, text: &str) {
        self.see_within(text, PATIENCE).await;
    }

    pub(crate) async fn see_within(&self, text: &str, patience: Duration) {
        self.wait_within(&format!("“{text}”"), patience, async || {
            self.script("return document.body.innerText").await.as_str().is_some_and(|page| page.contains(text))
        })
        .await;
    }

    async fn find_now(&self, role: &str, name: &str) -> Option<Element> {
        let found = self.client.execute(FIND, vec![json!(role), json!(name)]).await.unwrap();
        let reference = found.as_object()?.values().next()?.as_str()?;
        Some(Element::from_element_id(self.client.clone(), ElementRef::from(reference.to_owned())))
    }

    /// The first element of this role (several with `|`) whose accessible name matches; waits for it.
    pub(crate) async fn find(&self, role: &str, name: &str) -> Element {
        self.wait(&format!("a {role} “{name}”"), async || self.find_now(role, name).await.is_some()).await;
        self.find_now(role, name).await.expect("it was there a moment ago")
    }

    pub(crate) async fn click(&self, role: &str, name: &str) {
        let element = self.find(role, name).await;
        self.wait(&format!("“{name}” to be enabled"), async || element.is_enabled().await.unwrap_or(false)).await;
        element.click().await.unwrap();
    }

    /// Replaces what stands in a field.
    pub(crate) async fn type_into(&self, role: &str, name: &str, text: &str) {
        let element = self.find(role, name).await;
        // Backspaces, as a user would: clearing by WebDriver does not tell the page.
        let length = element.prop("value").await.unwrap().unwrap_or_default().chars().count();
        element.send_keys(&format!("{}{text}", "\u{e003}".repeat(length))).await.unwrap();
    }

    pub(crate) async fn press_escape(&self) {
        self.client.active_element().await.unwrap().send_keys("\u{e00c}").await.unwrap();
    }

    /// How many models the library says it shows; 0 while it does not say.
    pub(crate) async fn shown(&self) -> usize {
        let count = self
            .script(
                r"const found = /(\d[\d,. ]*) models?, [\d.,]+ [KMGT]?i?B/.exec(document.body.innerText);
                  return found ? Number(found[1].replace(/\D/g, '')) : 0",
            )
            .await;
        count.as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
    }

    /// Nothing on the page ran into the content security policy.
    pub(crate) async fn no_violations(&self) {
        assert_eq!(self.script("return window.violations").await, json!([]));
    }

    /// A picture of the page for people, in tests/e2e/out.
    pub(crate) async fn picture(&self, name: &str) {
        // Right after a change the picture may show the page before it.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let picture = self.client.screenshot().await.unwrap();
        std::fs::create_dir_all(&self.out).unwrap();
        std::fs::write(self.out.join(format!("window-{name}.png")), picture).unwrap();
    }
}
