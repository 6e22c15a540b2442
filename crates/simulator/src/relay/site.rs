//! The website's end of a room: asks when a computer appears, sends what people click, and shows what it is told.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::hub::{Hub, Outlet, Role};
use super::{LinkRoom, RoomId};
use crate::catalogue::{Id, now};

/// What the website shows, and all it has heard and said.
#[derive(Clone, Debug, Default)]
pub struct SiteView {
    /// Browsers in the room, as it was last told.
    pub browsers: u64,
    /// Computers in the room, as it was last told.
    pub computers: u64,
    /// What is installed: the last list, whole.
    pub resources: Vec<Value>,
    /// Adds and removes by their id, the newest last.
    pub activities: Vec<Value>,
    /// Every `commandStatus` that came, in order.
    pub received: Vec<Value>,
    /// Every command that was sent, in order.
    pub commands: Vec<Value>,
}

impl SiteView {
    /// An activity by its id, which is the command's.
    pub fn activity(&self, id: &str) -> Option<&Value> {
        self.activities.iter().find(|activity| activity["id"] == id)
    }

    /// What came in answer to a command, in order.
    pub fn answers(&self, id: &str) -> Vec<&Value> {
        self.received.iter().filter(|status| status["id"] == id).collect()
    }
}

/// What the hub holds of it.
#[derive(Debug)]
pub(crate) struct State {
    uuids: Uuids,
    view: SiteView,
}

/// Makes ids without the hub, whose lock is held while the site listens.
#[derive(Debug)]
struct Uuids {
    start: String,
    next: u32,
}

impl Uuids {
    fn next(&mut self) -> String {
        self.next += 1;
        format!("{:08x}{}", self.next, &self.start[8..])
    }
}

impl State {
    /// Takes an event in. Returns the commands with which the site reacts.
    pub(super) fn hear(&mut self, name: &str, argument: &Value) -> Vec<Value> {
        match name {
            "roomPresence" => self.see(argument),
            "commandStatus" => {
                self.show(argument);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn see(&mut self, presence: &Value) -> Vec<Value> {
        let is_watched = |view: &SiteView| view.browsers > 0 && view.computers > 0;
        let before = is_watched(&self.view);
        self.view.browsers = presence["client"].as_u64().unwrap_or(0);
        self.view.computers = presence["sd"].as_u64().unwrap_or(0);
        if before || !is_watched(&self.view) {
            return Vec::new();
        }
        ["activities:list", "resources:list"].map(|kind| self.command(kind, None, json!({}))).into()
    }

    fn show(&mut self, status: &Value) {
        self.view.received.push(status.clone());
        let list = |name: &str| status[name].as_array().cloned();
        match status["type"].as_str() {
            Some("resources:list") => {
                if let Some(resources) = list("resources") {
                    self.view.resources = resources;
                }
            }
            Some("activities:list" | "activities:clear") => {
                if let Some(activities) = list("activities") {
                    self.view.activities = activities;
                }
            }
            Some("resources:add" | "resources:remove") => {
                match self.view.activities.iter_mut().find(|activity| activity["id"] == status["id"]) {
                    Some(activity) => *activity = status.clone(),
                    None => self.view.activities.push(status.clone()),
                }
            }
            _ => {}
        }
    }

    fn command(&mut self, kind: &str, group: Option<&str>, more: Value) -> Value {
        let mut command = Map::new();
        command.insert("id".to_owned(), self.uuids.next().into());
        command.insert("type".to_owned(), kind.into());
        command.insert("createdAt".to_owned(), now().into());
        if let Some(group) = group {
            command.insert("groupId".to_owned(), group.into());
        }
        if let Value::Object(more) = more {
            command.extend(more);
        }
        let command = Value::Object(command);
        self.view.commands.push(command.clone());
        command
    }
}

/// What a click on "Send via Link" at a version means: one resource for each file that belongs to it.
pub(crate) type Click = Arc<dyn Fn(Id) -> Vec<Value> + Send + Sync>;

/// A browser with the website open, in a room. Leaves when dropped.
pub struct Site {
    hub: Arc<Hub>,
    room: RoomId,
    member: u64,
    state: Arc<Mutex<State>>,
    click: Click,
}

impl Site {
    pub(crate) fn open(room: &LinkRoom, click: Click) -> Self {
        let hub = Arc::clone(&room.hub);
        let uuids = Uuids { start: hub.uuid(), next: 0 };
        let state = Arc::new(Mutex::new(State { uuids, view: SiteView::default() }));
        let member = hub.connect(Outlet::Site(Arc::clone(&state)));
        hub.enter(member, room.id);
        Self { hub, room: room.id, member, state, click }
    }

    /// What it shows now.
    pub fn view(&self) -> SiteView {
        self.lock().view.clone()
    }

    /// Waits until the view satisfies; without an end.
    pub async fn until(&self, mut satisfies: impl FnMut(&SiteView) -> bool) -> SiteView {
        self.hub.until(|| satisfies(&self.lock().view)).await;
        self.view()
    }

    /// "Send via Link" at a version: an add for its main file and for each file that goes with it. Returns their ids.
    pub fn send_to_computer(&self, version: Id) -> Vec<String> {
        let group = self.hub.uuid();
        let resources = (self.click)(version);
        resources.into_iter().map(|one| self.send("resources:add", Some(&group), json!({ "resource": one }))).collect()
    }

    /// Removes an installed resource, named as the computer listed it. Returns the command's id.
    pub fn remove(&self, hash: &str) -> String {
        let listed = self.view().resources.into_iter().find(|one| one["hash"].as_str() == Some(hash));
        let resource = listed.unwrap_or_else(|| json!({ "type": "LORA", "hash": hash, "modelName": "Unknown" }));
        self.send("resources:remove", None, json!({ "resource": resource }))
    }

    /// Cancels an add by its id. Returns the command's id.
    pub fn cancel(&self, add: &str) -> String {
        self.send("activities:cancel", None, json!({ "activityId": add }))
    }

    /// Clears the list of activities. Returns the command's id.
    pub fn clear(&self) -> String {
        self.send("activities:clear", None, json!({}))
    }

    /// Asks for the list of resources. Returns the command's id.
    pub fn list(&self) -> String {
        self.send("resources:list", None, json!({}))
    }

    /// Asks for the list of activities. Returns the command's id.
    pub fn activities(&self) -> String {
        self.send("activities:list", None, json!({}))
    }

    /// Asks for pictures, which the site does no longer. Returns the command's id.
    pub fn txt2img(&self) -> String {
        let params = json!({
            "prompt": "a lighthouse, dusk", "negativePrompt": "", "sampler": "Euler a", "width": 512, "height": 512,
            "cfgScale": 7, "steps": 20,
        });
        self.send(
            "image:txt2img",
            None,
            json!({ "quantity": 1, "batchSize": 1, "model": "a".repeat(64), "params": params }),
        )
    }

    /// Sends any command, unlike all the site's own.
    pub fn command(&self, command: &Value) {
        self.lock().view.commands.push(command.clone());
        self.hub.tell(self.room, Role::Computer, "command", command);
    }

    fn send(&self, kind: &str, group: Option<&str>, more: Value) -> String {
        let command = self.lock().command(kind, group, more);
        self.hub.tell(self.room, Role::Computer, "command", &command);
        command["id"].as_str().unwrap_or_default().to_owned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.hub.disconnect(self.member);
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("room", &self.room).finish_non_exhaustive()
    }
}
