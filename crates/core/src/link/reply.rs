//! What the website is told, as JSON. Pure.
//!
//! Errors are told in sentences of a fixed list: what went wrong here may name folders, files and the user, and none of
//! that is the site's business.

use serde_json::{Map, Value, json};

use super::asked::{Asked, LinkStatus};
use super::command::Command;
use super::resource::ResourceKind;
use crate::error::{Code, Error};
use crate::units::UnixMillis;

/// How far a download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Progress {
    pub(crate) received: u64,
    pub(crate) total: Option<u64>,
    /// Bytes a second.
    pub(crate) speed: u64,
    pub(crate) seconds_left: Option<u32>,
}

impl Progress {
    fn percent(self) -> u64 {
        match self.total {
            Some(total) if total > 0 => (self.received.saturating_mul(100) / total).min(100),
            _ => 0,
        }
    }
}

/// The answer to a command that is done at once. `more` is what it brings beside.
pub(crate) fn done(command: &Command, more: (&str, Value), now: UnixMillis) -> Value {
    let mut answer = base(command, LinkStatus::Success, now);
    answer.insert(more.0.to_owned(), more.1);
    Value::Object(answer)
}

/// The answer to a command that is done at once and brings nothing.
pub(crate) fn success(command: &Command, now: UnixMillis) -> Value {
    Value::Object(base(command, LinkStatus::Success, now))
}

/// The answer to a command that is not done.
pub(crate) fn refused(command: &Command, why: &str, now: UnixMillis) -> Value {
    let mut answer = base(command, LinkStatus::Error, now);
    answer.insert("error".to_owned(), why.into());
    if let Ok(super::command::Wish::Add(resource) | super::command::Wish::Remove(resource)) = &command.wish {
        answer.insert("resource".to_owned(), resource.to_json());
    }
    Value::Object(answer)
}

/// How something that was asked for stands: the answer to it, and what lists of activities hold.
pub(crate) fn of(asked: &Asked, progress: Option<Progress>) -> Value {
    let created_at = match &asked.new.created_at {
        Value::Null => json!(text(asked.since)),
        as_it_came => as_it_came.clone(),
    };
    let mut status = json!({
        "id": asked.new.id.as_str(),
        "type": asked.new.deed.command(),
        "status": asked.status.as_str(),
        "resource": asked.new.resource.to_json(),
        "createdAt": created_at,
        "updatedAt": text(asked.updated_at),
    });
    if let Some(error) = &asked.error {
        status["error"] = json!(error);
    }
    if asked.status == LinkStatus::Processing
        && let Some(progress) = progress
    {
        status["progress"] = json!(progress.percent());
        status["speed"] = json!(progress.speed);
        status["remainingTime"] = json!(progress.seconds_left);
    }
    if asked.status == LinkStatus::Success {
        status["progress"] = json!(100);
    }
    status
}

/// The list that nobody asked for, after a change. `id` is one of our own.
pub(crate) fn list(id: &str, resources: &Value, now: UnixMillis) -> Value {
    let now = text(now);
    json!({
        "id": id, "type": "resources:list", "status": "success", "resources": resources, "createdAt": now, "updatedAt": now,
    })
}

/// Activities, the oldest left out until the answer is no longer than `budget` bytes.
pub(crate) fn activities(command: &Command, newest_first: Vec<Value>, budget: usize, now: UnixMillis) -> Value {
    let mut left = budget.saturating_sub(length(&done(command, ("activities", json!([])), now)));
    let fits = |activity: &Value| {
        let bytes = length(activity) + 1;
        let fits = bytes <= left;
        left = left.saturating_sub(bytes);
        fits
    };
    let kept: Vec<Value> = newest_first.into_iter().take_while(fits).collect();
    done(command, ("activities", Value::Array(kept)), now)
}

/// How many bytes it has as JSON.
pub(crate) fn length(value: &Value) -> usize {
    value.to_string().len()
}

fn base(command: &Command, status: LinkStatus, now: UnixMillis) -> Map<String, Value> {
    let now = text(now);
    let mut fields = Map::new();
    fields.insert("id".to_owned(), command.id.as_str().into());
    fields.insert("type".to_owned(), command.name.as_str().into());
    fields.insert("status".to_owned(), status.as_str().into());
    let created_at = match &command.created_at {
        Value::Null => json!(now),
        as_it_came => as_it_came.clone(),
    };
    fields.insert("createdAt".to_owned(), created_at);
    fields.insert("updatedAt".to_owned(), now.into());
    fields
}

/// As the site writes times.
fn text(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Why something was not done, without anything of this computer in it.
pub(crate) fn why(error: &Error) -> &'static str {
    match error.code {
        Code::InvalidRequest => "Modeldock has no folder for such files, or does not download them",
        Code::NotFound => "Civitai does not know this file",
        Code::Io => "The file could not be written on this computer",
        Code::DiskFull => "There is not enough room on this computer",
        Code::Busy => "Modeldock is busy with these files at the moment",
        Code::Cancelled => "It was stopped",
        Code::Offline => "This computer cannot reach Civitai at the moment",
        Code::RateLimited => "Civitai asks this computer to wait",
        Code::Unauthorised => "Civitai wants a key for this file: sign in to Civitai in Modeldock",
        Code::Forbidden => "Civitai does not let your account have this file",
        Code::WrongContent => "What came is not the file that Civitai measured, so it was not kept",
        Code::Server => "Civitai has trouble at the moment",
        Code::NewerDatabase | Code::Database | Code::Internal => "Modeldock could not do it; its window says why",
    }
}

/// Whether a list that was asked for holds this kind.
pub(crate) fn is_wanted(kinds: Option<&[ResourceKind]>, kind: ResourceKind) -> bool {
    kinds.is_none_or(|kinds| kinds.contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::LinkSite;
    use crate::link::asked::{LinkDeed, NewAsked};
    use crate::link::command::CommandId;
    use crate::link::resource::Resource;

    fn asked(status: LinkStatus) -> Asked {
        let resource = json!({ "type": "LORA", "hash": "AB".repeat(32), "modelName": "Ink" });
        Asked {
            number: 1,
            new: NewAsked {
                site: LinkSite::Com,
                id: CommandId::parse("one").unwrap(),
                deed: LinkDeed::Add,
                resource: Resource::read(&resource).unwrap(),
                created_at: json!("when it came"),
            },
            status,
            error: None,
            word: None,
            shown: None,
            download: None,
            since: UnixMillis(0),
            updated_at: UnixMillis(1_795_687_200_123),
        }
    }

    #[test]
    fn a_status_echoes_what_the_site_needs_to_find_it() {
        let progress = Progress { received: 50, total: Some(200), speed: 7, seconds_left: Some(21) };
        let status = of(&asked(LinkStatus::Processing), Some(progress));
        let expected = json!({
            "id": "one", "type": "resources:add", "status": "processing",
            "resource": { "type": "LORA", "hash": "ab".repeat(32), "modelName": "Ink" },
            "createdAt": "when it came", "updatedAt": "2026-11-26T10:00:00.123Z",
            "progress": 25, "speed": 7, "remainingTime": 21,
        });
        assert_eq!(status, expected);
        assert_eq!(of(&asked(LinkStatus::Canceled), None)["status"], "canceled");
        let unknown = Progress { received: 50, total: None, ..Progress::default() };
        assert_eq!(of(&asked(LinkStatus::Processing), Some(unknown))["progress"], 0);
    }

    #[test]
    fn a_long_list_of_activities_loses_its_oldest() {
        let command = Command::read(&json!({ "id": "1", "type": "activities:list" })).unwrap();
        let one = of(&asked(LinkStatus::Success), None);
        let many = vec![one; 10_000];
        let answer = activities(&command, many, 900_000, UnixMillis(0));
        let kept = answer["activities"].as_array().unwrap().len();
        assert!(length(&answer) <= 900_000 && length(&answer) > 890_000 && kept > 3000, "{kept}");
    }

    #[test]
    fn no_error_names_anything_of_this_computer() {
        let error = Error::new(Code::Io, "Could not write `/home/sam/models/a.safetensors`: permission denied");
        assert!(!why(&error).contains("sam") && !why(&error).contains('/'));
    }
}
