//! What the user notes of a model: a favourite, a rating, a note, tags. Pure.
//!
//! Tags are compared without case and shown as they were first written: `Portrait` and `portrait` are one.

use serde::{Deserialize, Serialize};

use super::LibraryQuery;
use crate::error::{Error, Result};

/// The best rating.
pub const BEST_RATING: u8 = 5;

/// The longest tag, in characters.
const LONGEST_TAG: usize = 60;

/// Most tags of one content.
const MOST_TAGS: usize = 100;

/// The longest note, in bytes.
const LONGEST_NOTE: usize = 64 * 1024;

/// The longest name of a search, in characters.
const LONGEST_NAME: usize = 80;

/// What is noted of a content.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Marks {
    /// One of the user's favourites.
    pub favourite: bool,
    /// 1 to 5; 0 means none.
    pub rating: u8,
    /// Plain text.
    pub note: String,
    /// In the order of the alphabet.
    pub tags: Vec<String>,
}

/// What is to change; the rest stays as it is.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields = nullable)]
pub struct MarksChange {
    /// One of the user's favourites, or not.
    pub favourite: Option<bool>,
    /// 1 to 5; 0 takes it away.
    pub rating: Option<u8>,
    /// Replaces the note; an empty one takes it away.
    pub note: Option<String>,
    /// Goes below what the note says already, as a paragraph of its own. After `note`, if both are named.
    pub add_note: Option<String>,
    /// Tags to put on.
    pub add_tags: Vec<String>,
    /// Tags to take off.
    pub remove_tags: Vec<String>,
}

/// A search worth keeping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// For people; names differ in more than case.
    pub name: String,
    /// What it shows.
    pub query: LibraryQuery,
}

impl MarksChange {
    /// This change with everything in it checked and tidied.
    pub fn checked(self) -> Result<Self> {
        if self.rating.is_some_and(|rating| rating > BEST_RATING) {
            return Err(Error::invalid(format!("A rating is 1 to {BEST_RATING}, or 0 for none")));
        }
        if [&self.note, &self.add_note].into_iter().flatten().any(|note| note.len() > LONGEST_NOTE) {
            return Err(too_long());
        }
        let tidy = |tags: Vec<String>| tags.iter().map(|tag| tidied(tag)).collect::<Result<Vec<_>>>();
        let note = self.note.map(|note| if note.trim().is_empty() { String::new() } else { note });
        let add_note = self.add_note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
        Ok(Self { note, add_note, add_tags: tidy(self.add_tags)?, remove_tags: tidy(self.remove_tags)?, ..self })
    }

    /// What is noted afterwards. `spelling` says how a tag that is in use already is written.
    pub(crate) fn applied_to(&self, marks: Marks, spelling: impl Fn(&str) -> Option<String>) -> Result<Marks> {
        let mut tags = marks.tags;
        tags.retain(|tag| !self.remove_tags.iter().any(|removed| tag_key(removed) == tag_key(tag)));
        for tag in &self.add_tags {
            if !tags.iter().any(|there| tag_key(there) == tag_key(tag)) {
                tags.push(spelling(&tag_key(tag)).unwrap_or_else(|| tag.clone()));
            }
        }
        if tags.len() > MOST_TAGS {
            return Err(Error::invalid(format!("A model may have {MOST_TAGS} tags at most")));
        }
        tags.sort_by_key(|tag| tag_key(tag));
        let mut note = self.note.clone().unwrap_or(marks.note);
        if let Some(added) = &self.add_note {
            if !note.is_empty() {
                note = format!("{}\n\n", note.trim_end());
            }
            note.push_str(added);
        }
        if note.len() > LONGEST_NOTE {
            return Err(too_long());
        }
        Ok(Marks {
            favourite: self.favourite.unwrap_or(marks.favourite),
            rating: self.rating.unwrap_or(marks.rating),
            note,
            tags,
        })
    }
}

impl View {
    /// This one with its name tidied.
    pub fn checked(self) -> Result<Self> {
        let name = one_line(&self.name);
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            return Err(Error::invalid(format!("A name has 1 to {LONGEST_NAME} characters")));
        }
        // Where one was in the list says nothing the next time.
        Ok(Self { name, query: LibraryQuery { offset: 0, limit: 0, ..self.query } })
    }
}

fn too_long() -> Error {
    Error::invalid(format!("A note may have {LONGEST_NOTE} bytes at most")).hint("Shorten it")
}

/// What tags are compared by.
pub(crate) fn tag_key(tag: &str) -> String {
    tag.to_lowercase()
}

fn tidied(tag: &str) -> Result<String> {
    let tag = one_line(tag);
    if tag.is_empty() || tag.chars().count() > LONGEST_TAG || tag.contains(',') {
        return Err(Error::invalid(format!("A tag has 1 to {LONGEST_TAG} characters and no comma")));
    }
    Ok(tag)
}

/// Without control characters, and with one space where there were several.
fn one_line(text: &str) -> String {
    let words: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(add: &[&str], remove: &[&str]) -> MarksChange {
        let all = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
        MarksChange { add_tags: all(add), remove_tags: all(remove), ..MarksChange::default() }
    }

    #[test]
    fn tags_differ_in_more_than_case_and_stay_in_order() {
        let first = change(&["portrait", "  Film\n look "], &[]).checked().unwrap();
        let marks = first.applied_to(Marks::default(), |_| None).unwrap();
        assert_eq!(marks.tags, ["Film look", "portrait"]);
        let again = change(&["PORTRAIT", "anime"], &["film LOOK"]).checked().unwrap();
        let marks = again.applied_to(marks, |key| (key == "anime").then(|| "Anime".to_owned())).unwrap();
        assert_eq!(marks.tags, ["Anime", "portrait"]);
    }

    #[test]
    fn what_is_not_named_stays() {
        let marks = Marks { favourite: true, rating: 4, note: "good".into(), tags: vec!["a".into()] };
        assert_eq!(MarksChange::default().applied_to(marks.clone(), |_| None).unwrap(), marks);
        let change = MarksChange { rating: Some(0), note: Some("  ".into()), ..MarksChange::default() };
        let changed = change.checked().unwrap().applied_to(marks, |_| None).unwrap();
        assert_eq!((changed.favourite, changed.rating, changed.note.as_str()), (true, 0, ""));
    }

    #[test]
    fn what_is_added_to_a_note_goes_below_it() {
        let add = |text: &str| MarksChange { add_note: Some(text.into()), ..MarksChange::default() }.checked().unwrap();
        let marks = add(" first\n").applied_to(Marks::default(), |_| None).unwrap();
        assert_eq!(marks.note, "first");
        let marks = add("second").applied_to(Marks { note: "first \n".into(), ..marks }, |_| None).unwrap();
        assert_eq!(marks.note, "first\n\nsecond");
        assert_eq!(add("  ").applied_to(marks.clone(), |_| None).unwrap(), marks, "nothing adds nothing");
        let full = Marks { note: "x".repeat(LONGEST_NOTE), ..Marks::default() };
        assert!(add("y").applied_to(full, |_| None).is_err(), "what is there is not cut off");
    }

    #[test]
    fn what_nobody_means_is_refused() {
        for bad in ["", " \u{7} ", "a,b", &"x".repeat(61)] {
            assert!(change(&[bad], &[]).checked().is_err(), "{bad:?}");
        }
        assert!(MarksChange { rating: Some(6), ..MarksChange::default() }.checked().is_err());
        assert!(MarksChange { note: Some("x".repeat(70_000)), ..MarksChange::default() }.checked().is_err());
        let many: Vec<String> = (0..101).map(|number| number.to_string()).collect();
        let many = MarksChange { add_tags: many, ..MarksChange::default() };
        assert!(many.applied_to(Marks::default(), |_| None).is_err());
    }
}
