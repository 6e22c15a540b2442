//! What is typed to have something to do with Civitai: the catalogue, downloads, the vault and Civitai Link.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum Vault {
    /// List what was in the vault when it was last read
    List {
        /// Only what is not in your folders
        #[arg(long)]
        missing: bool,
    },
    /// Read the vault anew
    Sync,
    /// Download what is in the vault to the folders where your UIs find it
    Download(VaultDownload),
    /// Put versions into the vault
    Add(VaultVersions),
    /// Take versions out of the vault
    Remove(VaultVersions),
}

#[derive(Debug, Args)]
pub(crate) struct VaultDownload {
    /// Items, by their numbers in `vault list`
    pub(crate) items: Vec<i64>,
    /// Everything that is not in your folders
    #[arg(long, conflicts_with = "items")]
    pub(crate) missing: bool,
    /// The model's page as well, as a PDF
    #[arg(long)]
    pub(crate) details: bool,
    /// Its pictures as well, as a zip archive
    #[arg(long)]
    pub(crate) images: bool,
    /// The folder it goes to, by path or number; for each the one with most of its like if none is named
    #[arg(long, value_name = "ROOT")]
    pub(crate) to: Option<String>,
}

/// Which versions, by file or by number.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct VaultVersions {
    /// Files of the library: a path, a file name, a number from `list --json`, or the beginning of a hash
    pub(crate) files: Vec<String>,
    /// A version's number at Civitai, as `vault list --json` shows it
    #[arg(long, value_name = "NUMBER")]
    pub(crate) model_version: Vec<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct Discover {
    /// Words to look for; everything if there are none. The address of a page at Civitai or an AIR shows that model
    pub(crate) query: Vec<String>,
    /// Only these kinds, such as LORA or Checkpoint
    #[arg(long = "type", value_name = "KIND")]
    pub(crate) kind: Vec<String>,
    /// Only for these base models, such as "SDXL 1.0"
    #[arg(long, value_name = "NAME")]
    pub(crate) base_model: Vec<String>,
    /// Only what has this tag at Civitai
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Option<String>,
    /// Only what this author made
    #[arg(long, value_name = "NAME")]
    pub(crate) creator: Option<String>,
    /// The order
    #[arg(long, value_enum, default_value = "downloads")]
    pub(crate) sort: CatalogueSortName,
    /// Of which time
    #[arg(long, value_enum, default_value = "all-time")]
    pub(crate) period: PeriodName,
    /// Also what is above the content level of the settings
    #[arg(long)]
    pub(crate) all: bool,
    /// Most models
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
}

/// [`modeldock_core::discover::CatalogueSort`] as typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum CatalogueSortName {
    Downloads,
    Rating,
    Likes,
    Discussed,
    Collected,
    Newest,
}

/// [`modeldock_core::discover::Period`] as typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum PeriodName {
    AllTime,
    Year,
    Month,
    Week,
    Day,
}

#[derive(Debug, Args)]
pub(crate) struct Download {
    /// The number of a version, the address of a page at Civitai, or an AIR
    #[arg(required = true)]
    pub(crate) what: Vec<String>,
    /// Which of the version's files, by its number; the one its page offers first if none is named
    #[arg(long, value_name = "ID")]
    pub(crate) file: Option<i64>,
    /// The folder it goes to, by path or number; the one with most of its like if none is named
    #[arg(long, value_name = "ROOT")]
    pub(crate) to: Option<String>,
    /// Only say what would be downloaded, and to where
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Put it into the queue and end
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) no_wait: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Downloads {
    /// List them, in the order in which they run
    List,
    /// Run everything that waits, and end when nothing is left
    Run,
    /// Hold them until they are let go on
    Pause {
        /// Their numbers; all that have not ended if none are named
        ids: Vec<i64>,
    },
    /// Let held ones go on
    Resume {
        /// Their numbers; all that are held if none are named
        ids: Vec<i64>,
    },
    /// Stop them, and remove what came of them
    Cancel {
        /// Their numbers
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Try again what failed or was cancelled
    Retry {
        /// Their numbers; all that failed if none are named
        ids: Vec<i64>,
    },
    /// Take ended ones off the list; the files stay
    Clear {
        /// Their numbers; all that have ended if none are named
        ids: Vec<i64>,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Link {
    #[command(subcommand)]
    pub(crate) command: Option<LinkCommand>,
    /// A path, a file name, a number from `list --json`, or the beginning of a hash
    #[arg(required = true)]
    pub(crate) file: Option<String>,
    /// The address of the model's page at Civitai, the number of a version, or an AIR
    #[arg(required = true)]
    pub(crate) reference: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LinkCommand {
    /// Pair this computer with Civitai's website, by the code that it shows
    Pair {
        /// Six characters; each code works once
        code: String,
        /// Which of Civitai's sites shows it
        #[arg(long, value_enum, default_value = "com")]
        site: SiteName,
    },
    /// See how the link stands
    Status,
    /// End the link, and forget its key
    Leave {
        /// Only with this site; with all if none is named
        #[arg(long, value_enum)]
        site: Option<SiteName>,
    },
    /// Receive what is sent until Ctrl-C, and print what happens
    Run,
}

/// [`modeldock_core::link::LinkSite`] as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SiteName {
    /// civitai.com
    Com,
    /// civitai.red
    Red,
}
