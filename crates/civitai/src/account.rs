//! Who the key belongs to, and the lists of words Civitai uses.

use async_trait::async_trait;
use modeldock_core::account::{Accounts, Profile, Secret};
use modeldock_core::catalog::CatalogError;
use serde::Deserialize;

use crate::client::Client;
use crate::token::Token;
use crate::wire::lenient;

/// Names at Civitai are shorter; a longer one is nobody's.
const LONGEST_NAME: usize = 200;

#[async_trait]
impl Accounts for Client {
    fn use_key(&self, key: Option<Secret>) {
        self.transport.set_token(key.map(Token::from));
    }

    fn has_key(&self) -> bool {
        self.has_token()
    }

    async fn profile(&self) -> Result<Profile, CatalogError> {
        self.me().await.map(Account::into_profile)
    }

    async fn profile_of(&self, key: Secret) -> Result<Profile, CatalogError> {
        self.with_token(Some(key.into())).profile().await
    }
}

/// The owner of the key. The e-mail address is not kept: Modeldock has no use for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Civitai's id of the user.
    pub id: i64,
    /// The public name.
    pub username: String,
    /// `free`, `founder`, `bronze`, …; absent for people without a membership.
    #[serde(default, deserialize_with = "lenient::text")]
    pub tier: Option<String>,
    /// `active`, `muted`, `banned`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
    /// Whether there is a membership.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_member: bool,
}

impl Account {
    fn into_profile(self) -> Profile {
        let short = |text: String| text.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        Profile { username: short(self.username), tier: self.tier.map(short), is_member: self.is_member }
    }
}

/// The words in use, in Civitai's spelling. Any list may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Enums {
    /// Kinds of models.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub model_type: Vec<String>,
    /// Kinds of files.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub model_file_type: Vec<String>,
    /// Base models that new uploads may name.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub active_base_model: Vec<String>,
    /// All base models.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub base_model: Vec<String>,
    /// `Standard`, `Inpainting`, …
    #[serde(default, deserialize_with = "lenient::texts")]
    pub base_model_type: Vec<String>,
}
