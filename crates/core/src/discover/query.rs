//! What may be looked for, checked before anything is asked. Pure.
//!
//! The content level is the user's setting: Civitai knows only "PG alone" and "everything", so the finer cut is made here,
//! and how much it took away is told.

use serde::{Deserialize, Serialize};

use super::listed::{ListQuery, Listed};
use crate::error::{Error, Result};

/// Most models of one page (API contract, section 1.6).
pub const PAGE_LIMIT: u32 = 100;

/// Models of one page if none are named.
const USUAL_LIMIT: u32 = 40;

/// Longest words, tag and author, in characters.
const MAX_TEXT: usize = 200;

/// Longest cursor, in bytes. They are a few numbers between bars.
const MAX_CURSOR: usize = 300;

/// Most kinds and base models of one search.
const MAX_CHOICES: usize = 40;

/// The highest level a person can ask for: nothing is blurred, nothing is above it.
const EVERY_LEVEL: u32 = 16;

/// What to look for in Civitai's catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields = nullable)]
pub struct DiscoverSearch {
    /// Words that Civitai looks for; everything if there are none.
    pub text: String,
    /// Only these kinds, in Civitai's spelling.
    pub kinds: Vec<String>,
    /// Only for these base models, in Civitai's spelling.
    pub base_models: Vec<String>,
    /// Only what has this tag.
    pub tag: Option<String>,
    /// Only what this author made.
    pub creator: Option<String>,
    /// The order.
    pub sort: CatalogueSort,
    /// Of which time.
    pub period: Period,
    /// Whether the content level of the settings holds.
    pub content: Content,
    /// Most models of one page, up to 100; 0 for as many as are usual.
    pub limit: u32,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Of the one who asks: a later search with the same one ends this one.
    pub ticket: Option<String>,
}

/// The order of the catalogue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CatalogueSort {
    /// What most people downloaded.
    #[default]
    MostDownloaded,
    /// What people rate highest.
    HighestRated,
    /// What most people gave a thumb for.
    MostLiked,
    /// What most is said about.
    MostDiscussed,
    /// What most people collect.
    MostCollected,
    /// The newest first.
    Newest,
}

impl CatalogueSort {
    /// Civitai's word (API contract, section 0.4).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MostDownloaded => "Most Downloaded",
            Self::HighestRated => "Highest Rated",
            Self::MostLiked => "Most Liked",
            Self::MostDiscussed => "Most Discussed",
            Self::MostCollected => "Most Collected",
            Self::Newest => "Newest",
        }
    }
}

/// Of which time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Ever.
    #[default]
    AllTime,
    /// The last year.
    Year,
    /// The last month.
    Month,
    /// The last week.
    Week,
    /// The last day.
    Day,
}

impl Period {
    /// Civitai's word (API contract, section 0.4).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AllTime => "AllTime",
            Self::Year => "Year",
            Self::Month => "Month",
            Self::Week => "Week",
            Self::Day => "Day",
        }
    }
}

/// Whether the content level of the settings holds for what is listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Only what has something within it.
    #[default]
    Within,
    /// Everything. What is above it is still blurred.
    All,
}

/// The question, if it is one that can be asked.
pub(crate) fn checked(search: &DiscoverSearch, blur_above: u32) -> Result<ListQuery> {
    for text in [Some(&search.text), search.tag.as_ref(), search.creator.as_ref()].into_iter().flatten() {
        if text.chars().count() > MAX_TEXT {
            return Err(Error::invalid(format!("Words to look for may have {MAX_TEXT} characters")));
        }
    }
    for choices in [&search.kinds, &search.base_models] {
        if choices.len() > MAX_CHOICES || choices.iter().any(|choice| choice.chars().count() > MAX_TEXT) {
            return Err(Error::invalid(format!("A search may name at most {MAX_CHOICES} kinds and base models")));
        }
    }
    if search.limit > PAGE_LIMIT {
        return Err(Error::invalid(format!("A page has at most {PAGE_LIMIT} models")));
    }
    let cursor = search.cursor.as_deref();
    if cursor.is_some_and(|cursor| cursor.is_empty() || cursor.len() > MAX_CURSOR || cursor.contains(char::is_control))
    {
        return Err(Error::invalid("That is not where a page of the catalogue ends").hint("Search anew"));
    }
    if search.ticket.as_ref().is_some_and(|ticket| ticket.len() > MAX_TEXT) {
        return Err(Error::invalid(format!("A ticket may have {MAX_TEXT} bytes")));
    }
    Ok(ListQuery {
        text: said(&search.text),
        kinds: search.kinds.iter().filter_map(|kind| said(kind)).collect(),
        base_models: search.base_models.iter().filter_map(|base| said(base)).collect(),
        tag: search.tag.as_deref().and_then(said),
        creator: search.creator.as_deref().and_then(said),
        sort: search.sort,
        period: search.period,
        mature: search.content == Content::All || blur_above > 1,
        limit: if search.limit == 0 { USUAL_LIMIT } else { search.limit },
        cursor: search.cursor.clone(),
    })
}

/// Words without what is around them and without what no keyboard types.
fn said(text: &str) -> Option<String> {
    let words: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let words = words.trim();
    (!words.is_empty()).then(|| words.to_owned())
}

/// Whether a model has something at or below this level. What is unrated has, unless its author marks it.
pub(crate) fn is_within(model: &Listed, blur_above: u32) -> bool {
    if blur_above >= EVERY_LEVEL {
        return true;
    }
    let levels = if model.nsfw_level == 0 && !model.nsfw { 1 } else { model.nsfw_level };
    // All levels up to this one.
    levels & (blur_above | blur_above.saturating_sub(1)) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(nsfw: bool, nsfw_level: u32) -> Listed {
        Listed {
            id: crate::units::ModelId(1),
            name: String::new(),
            kind: crate::roots::ModelKind::Lora,
            description: None,
            nsfw,
            nsfw_level,
            creator: None,
            tags: Vec::new(),
            downloads: None,
            likes: None,
            terms: super::super::Terms::default(),
            mode: None,
            versions: Vec::new(),
        }
    }

    #[test]
    fn a_model_is_shown_when_any_of_it_is_within_the_level() {
        assert!(is_within(&model(false, 1 | 16), 1) && is_within(&model(true, 2 | 4), 2));
        assert!(!is_within(&model(true, 4 | 8), 2) && is_within(&model(true, 4 | 8), 4));
        assert!(is_within(&model(true, 32), 16), "nothing is above the highest level");
        assert!(
            is_within(&model(false, 0), 1) && !is_within(&model(true, 0), 1),
            "its author knows better than nobody"
        );
    }

    #[test]
    fn only_pg_is_asked_for_unless_more_may_be_seen() {
        let search = DiscoverSearch::default();
        assert!(!checked(&search, 1).unwrap().mature && checked(&search, 2).unwrap().mature);
        assert!(checked(&DiscoverSearch { content: Content::All, ..search }, 1).unwrap().mature);
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        let long = "x".repeat(MAX_TEXT + 1);
        let searches = [
            DiscoverSearch { text: long.clone(), ..DiscoverSearch::default() },
            DiscoverSearch { tag: Some(long.clone()), ..DiscoverSearch::default() },
            DiscoverSearch { kinds: vec!["LORA".to_owned(); MAX_CHOICES + 1], ..DiscoverSearch::default() },
            DiscoverSearch { base_models: vec![long.clone()], ..DiscoverSearch::default() },
            DiscoverSearch { limit: PAGE_LIMIT + 1, ..DiscoverSearch::default() },
            DiscoverSearch { cursor: Some(String::new()), ..DiscoverSearch::default() },
            DiscoverSearch { cursor: Some("1|2\n|3".to_owned()), ..DiscoverSearch::default() },
            DiscoverSearch { cursor: Some("1".repeat(MAX_CURSOR + 1)), ..DiscoverSearch::default() },
            DiscoverSearch { ticket: Some(long), ..DiscoverSearch::default() },
        ];
        for search in searches {
            assert!(checked(&search, 1).is_err(), "{search:?}");
        }
    }

    #[test]
    fn empty_words_are_no_filter() {
        let search = DiscoverSearch {
            text: " \t".to_owned(),
            tag: Some(String::new()),
            kinds: vec![" ".to_owned(), "LORA".to_owned()],
            ..DiscoverSearch::default()
        };
        let query = checked(&search, 1).unwrap();
        assert_eq!((query.text, query.tag, query.kinds), (None, None, vec!["LORA".to_owned()]));
    }
}
